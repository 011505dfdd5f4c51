package fleet

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// ask is a question that the trusted source has not answered yet.
type ask struct {
	cancel func()
}

// apply applies an Event that is not a request. The Device is given a copy of it, so that
// nobody has to allocate one.
func (sh *shard) apply(s *slot, ev *sim.Event) {
	sh.scratch.event = *ev
	sh.scratch.event.At = sh.now()
	sh.scratch.effects = s.device.Apply(&sh.scratch.event, sh.scratch.effects[:0])
	sh.carryOut(s, nil, sh.scratch.effects)
	sh.rest(s)
}

// carryOut carries out the Device's effects in order. r is nil unless a request
// caused them.
func (sh *shard) carryOut(s *slot, r *request, effects []sim.Effect) {
	sh.became(s)
	if sh.store != nil && saves(effects) {
		sh.change(s)
		if r != nil {
			r.changes = true
		}
	}
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case sim.Respond:
			if r != nil {
				sh.answer(s, r, e)
			}
		case sim.SendReset:
			if r != nil {
				sh.refuseWithReset(r)
			}
		case sim.Acknowledge:
			if r != nil {
				sh.acknowledge(r)
			}
		case sim.Notify:
			sh.notify(s, e)
		case sim.Wake:
			if e.After < 0 {
				sh.alarm.stop(&s.wake)
			} else {
				sh.alarm.set(&s.wake, sh.now()+e.After, s)
			}
		case sim.AskSource:
			sh.ask(s, e.Ask)
		case sim.LeaveSource:
			s.leaveSource()
		case sim.DropObservers:
			sh.dropObservers(s, codes.Code(e.Code))
		case sim.Offline:
			sh.hurrySayings(s, soon)
			sh.hurry(s)
			s.mark(offlineMark, true)
			sh.power(WentDown, s)
			sh.forget(s)
		case sim.Online:
			s.mark(offlineMark, false)
			sh.power(CameUp, s)
			sh.move(s)
		case sim.CloseSessions:
			sh.hurrySayings(s, soon)
			sh.endSessions(s, politely)
		case sim.ShowPIN:
			sh.showPIN(s, e.Text)
		case sim.Persist, sim.Ignore: // what is to be saved was noted above
		}
	}
	sh.entered(s)
	sh.standsAfter(s, r)
}

// freshPIN returns 8 digits that nobody can foresee, whatever the seed of the fleet is.
func freshPIN() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1e8))
	if err != nil { // crypto/rand never fails
		return ""
	}
	return fmt.Sprintf("%08d", n)
}

// showPIN shows the PIN of a Device through the callback of Secure.
func (sh *shard) showPIN(s *slot, pin string) {
	if sh.pins == nil {
		sh.pins = make(map[int32]string)
	}
	sh.pins[s.index] = pin
	if d := sh.demux; d != nil && d.ShowPIN != nil && !sh.closed {
		d.work.Go(func() { d.ShowPIN(int(s.index), pin) }) // the callback may call the fleet
	}
}

// ask puts a question to the trusted source. The answer comes back as an Event,
// unless the Device has lost its RAM by then.
func (sh *shard) ask(s *slot, q sim.Ask) {
	kind := source.Check
	if q.Kind == sim.Fetch {
		kind = source.Fetch
	}
	pending := &ask{}
	m := s.memory()
	m.asks = append(m.asks, pending)
	question := source.Question{Device: sh.identity(int(s.index)).String(), Kind: kind, Version: q.Version}
	pending.cancel = sh.source.Ask(question, func(a source.Answer) {
		sh.do(func() {
			sh.answered(s, pending, sim.Answer{
				Ask: q.Number, Available: a.Available, Version: a.Version,
				Declared: a.Declared, Received: a.Received, Failed: a.Failed, Flaw: flawOf(a.Flaw),
			})
		})
	})
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
	sh.apply(s, &sim.Event{Kind: sim.SourceAnswer, Answer: a})
}
