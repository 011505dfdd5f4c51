package fleet

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// ask is a question that the trusted source has not answered yet.
type ask struct {
	cancel func()
}

// heard is an answer that the trusted source has given at once. A Device that has lost its
// RAM since, of which boot tells, is not given it.
type heard struct {
	slot   *slot // nil: the Device has withdrawn its question
	boot   uint16
	answer sim.Answer
}

// hearing holds the answers that were given at once, in the order of their questions. A
// Device takes its answer when the packets have left that it sent before.
type hearing struct {
	list []heard
	now  []heard // what is being given to the Devices; then memory for the next list
}

// names makes text of uuids, many in one piece of memory.
type names struct{ text strings.Builder }

const (
	nameSize  = 36 // of a uuid
	namesOnce = 56 // how many have one piece of memory, of 2 KiB
)

// of returns the text of a uuid.
func (n *names) of(id ocf.UUID) string {
	if n.text.Cap()-n.text.Len() < nameSize {
		n.text.Reset()
		n.text.Grow(nameSize * namesOnce)
	}
	var name [nameSize]byte
	began := n.text.Len()
	n.text.Write(id.AppendText(name[:0]))
	return n.text.String()[began:]
}

// ask puts a question to the trusted source. The answer comes back as an Event,
// unless the Device has lost its RAM by then.
func (sh *shard) ask(s *slot, q sim.Ask) {
	kind := source.Check
	if q.Kind == sim.Fetch {
		kind = source.Fetch
	}
	question := source.Question{Device: sh.scratch.names.of(s.device.Born()), Kind: kind, Version: q.Version}
	asker, own := sh.sourceOf(int(s.index))
	if sh.prompt != nil && !own {
		if a, ok := sh.prompt.AskNow(question); ok {
			sh.hearing.list = append(sh.hearing.list, heard{s, s.boot, answerOf(q.Number, a)})
			return
		}
	}
	pending := &ask{cancel: func() {}}
	m := s.memory()
	m.asks = append(m.asks, pending)
	pending.cancel = asker.Ask(question, func(a source.Answer) {
		sh.do(func() { sh.answered(s, pending, answerOf(q.Number, a)) })
	})
}

// sourceOf is the trusted source of Device i. own says that it is not that of the fleet.
func (sh *shard) sourceOf(i int) (asker Asker, own bool) {
	if sh.other != nil {
		if asker = sh.other(i); asker != nil {
			return asker, true
		}
	}
	return sh.source, false
}

// answerOf returns what the Device is told of an answer to its question with that number.
func answerOf(number uint32, a source.Answer) sim.Answer {
	return sim.Answer{
		Ask: number, Available: a.Available, Version: a.Version,
		Declared: a.Declared, Received: a.Received, Failed: a.Failed, Flaw: flawOf(a.Flaw),
	}
}

// hear gives the Devices what the trusted source has answered at once, in the order of
// their questions, until none of them asks any more.
func (sh *shard) hear() {
	h := &sh.hearing
	for len(h.list) > 0 {
		h.list, h.now = h.now[:0], h.list
		for i := range h.now {
			one := &h.now[i]
			if one.slot == nil || one.boot != one.slot.boot {
				sh.stats.drops.lateAnswers.Add(1)
				continue
			}
			sh.inform(one.slot, &one.answer)
		}
		clear(h.now)
		h.now = h.now[:0]
		sh.flush()
	}
}

// withdraw has nobody hear what the trusted source has answered to a Device.
func (h *hearing) withdraw(s *slot) {
	for _, list := range [][]heard{h.list, h.now} {
		for i := range list {
			if list[i].slot == s {
				list[i].slot = nil
			}
		}
	}
}

// flawOf returns the flaw that a Device finds when it verifies an answer with the
// fault f.
func flawOf(f source.Fault) sim.Flaw {
	switch f {
	case source.BadSignature:
		return sim.BadSignature
	case source.StaleMetadata:
		return sim.StaleMetadata
	case source.WrongCertificate:
		return sim.WrongCertificate
	}
	return 0
}

// answered gives the Device an answer to a question that is still pending.
func (sh *shard) answered(s *slot, pending *ask, a sim.Answer) {
	i := -1
	if s.ram != nil {
		i = slices.Index(s.ram.asks, pending)
	}
	if i < 0 {
		sh.stats.drops.lateAnswers.Add(1)
		return
	}
	s.ram.asks = slices.Delete(s.ram.asks, i, i+1)
	sh.inform(s, &a)
}

// inform gives the Device an answer of the trusted source.
func (sh *shard) inform(s *slot, a *sim.Answer) {
	ev := sh.event(sim.SourceAnswer)
	ev.Answer = *a
	sh.applyScratch(s)
}
