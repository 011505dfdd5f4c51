package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// memory is what the quirks of a Device keep in mind. A Device without quirks
// has none; others get one with the first thing to remember. It outlives a power
// cut, but of what is saved only the lasting facts are part.
type memory struct {
	facts     fact
	past      past
	withdrawn []ocf.Cred // deleted, and honoured all the same
	told      uint8      // notifications so far
	stranger  bool       // who writes has no right to
	p, isop   bool       // dos.p is true out of its time; isop is not what dos says
}

// fact is something about the processes or the owner of a Device.
type fact uint16

const (
	spoiled   fact = 1 << (iota + 7) // the result will not be shown as it is
	orphan                           // the Device has lost its owner
	ownCheck                         // the check was not asked for by a Client
	ownUpdate                        // the update was not asked for by a Client
	hidden                           // the process is not shown

	lastingFacts = orphan | ownCheck | ownUpdate | hidden // in the bits of borrowed
)

// ownFact is the fact that no Client asked for the process.
func ownFact(m mode) fact {
	if m == validation {
		return ownCheck
	}
	return ownUpdate
}

// recall is the memory to be read.
func (d *Device) recall() *memory {
	if m, ok := d.trust.memory.(*memory); ok {
		return m
	}
	return new(memory)
}

// is reports whether f is a fact.
func (d *Device) is(f fact) bool { return d.recall().facts&f != 0 }

// keep is the memory to be written.
func (t *turn) keep() *memory {
	m, ok := t.trust.memory.(*memory)
	if !ok {
		m = new(memory)
		t.remember().memory = m
	}
	return m
}

// note makes f a fact, or none.
func (t *turn) note(f fact, on bool) {
	if t.recall().facts&f == 0 && !on {
		return
	}
	m := t.keep()
	m.facts &^= f
	if on {
		m.facts |= f
	}
}

// What quirks that share a memory have added to the hooks already.
const (
	keptFacts uint8 = 1 << iota
	keptPast
	keptOddities
	keptTold
)

// keeps reports whether what stands for it is to be added, which is once.
func (b *bends) keeps(what uint8) bool {
	first := b.kept&what == 0
	b.kept |= what
	return first
}

// keepFacts forgets each fact when it is none any more, and has the lasting ones saved.
func keepFacts(b *bends) {
	if !b.keeps(keptFacts) {
		return
	}
	b.facts.add(func(d *Device, saved uint16) uint16 { return saved | uint16(d.recall().facts&lastingFacts) })
	b.restored.add(func(t *turn, saved uint16) { t.note(fact(saved)&lastingFacts, true) })
	b.begins.add(func(t *turn) { t.note(spoiled, false) })
	b.cmAtResult.add(func(t *turn, cm ocf.DPM) ocf.DPM {
		if t.is(spoiled) {
			return cm.Without(t.run.bits())
		}
		return cm
	})
	b.ended.add(func(t *turn, was mode) {
		t.note(spoiled|ownFact(was), false)
		if t.queue == 0 {
			t.note(hidden, false)
		}
	})
	b.moved.add(func(t *turn, to ocf.DOS) {
		if to == ocf.RESET {
			t.note(hidden|ownCheck|ownUpdate, false)
		}
	})
	b.shipped.add(func(t *turn) { t.note(spoiled|lastingFacts, false) })
	b.disowned.add(func(t *turn) { t.note(orphan, false) })
}

// past is what came before: some Devices go wrong for it alone.
type past struct {
	ended      time.Duration // when the last process did
	checks     uint8         // requested in a row, one right after another
	updates    uint8         // likewise
	before     ocf.DPM       // cm when a process was requested last
	fading     ocf.DPM       // of cm, after the end
	why        cause         // the running process has no result
	found      bool          // the last check has found something
	chains     bool          // the process that has just ended has
	updated    bool          // since the power came back
	slow       bool          // the source took its time
	overlapped bool          // a request came while another process was pending
	both       bool          // check and update were requested in one write
	zeros      uint8         // writes of tm=0 since the process was requested
	refused    bool          // a write was
	malformed  bool          // a payload was
}

// Causes that the reference does not tell from others.
const (
	unreachable cause = iota + notInstalled + 1
	truncated
	withdrawn
)

// moment is what quirks take for no time at all: what follows within it follows
// at once.
func (m *Model) moment() time.Duration { return m.script.reset / 2 }

// keepPast keeps in mind what comes to pass.
func keepPast(b *bends) {
	if !b.keeps(keptPast) {
		return
	}
	b.accepted.add(noteRequest)
	b.begins.add(func(t *turn) { t.keep().past.why = 0 })
	b.misses.add(func(t *turn, why cause) { t.keep().past.why = why })
	b.heard.add(noteAnswer)
	b.cmAtResult.add(func(t *turn, cm ocf.DPM) ocf.DPM {
		if t.run == validation {
			t.keep().past.found = t.flags.has(found)
		}
		return cm
	})
	b.over.add(func(t *turn, _ mode) {
		p := &t.keep().past
		p.ended, p.slow = t.now, false
	})
	b.disowned.add(func(t *turn) { t.keep().past = past{} })
}

// noteRequest keeps in mind that the processes of bits were requested.
func noteRequest(t *turn, bits mode) {
	p := &t.keep().past
	if t.run == 0 && t.now > p.ended+t.model.moment() {
		p.checks, p.updates = 0, 0
	}
	if t.run == 0 {
		p.zeros = 0
	}
	if bits&validation != 0 {
		p.checks++
	}
	if bits&update != 0 {
		p.updates++
	}
	p.before, p.fading = t.cm, 0
	p.overlapped, p.both = t.run != 0, bits == validation|update
}

// noteAnswer keeps in mind how long the source took, and why an answer is none.
func noteAnswer(t *turn, a Answer) {
	p := &t.keep().past
	while := 3 * t.model.moment()
	if t.run == update {
		while = 8 * t.model.moment()
	}
	p.slow = p.slow || t.work != never && t.now > t.work-t.model.script.timeout+while
	switch {
	case a.Failed:
		p.why = unreachable
	case a.Available && a.Received < a.Declared:
		p.why = truncated
	case t.stage == fetching && !a.Available:
		p.why = withdrawn
	default:
		p.why = 0
	}
}

// at reports whether the running check or update is number n in a row.
func (t *turn) at(n uint8, bit mode) bool {
	p := &t.recall().past
	count := p.checks
	if bit == update {
		count = p.updates
	}
	return t.run == bit && count == n
}

// keepOddities shows isop and dos.p as they were made, until the next write that
// is accepted or until an idle Device has time for it.
func keepOddities(b *bends) {
	if !b.keeps(keptOddities) {
		return
	}
	b.state.add(func(d *Device, s State) State {
		m := d.recall()
		s.Pending, s.ISOP = s.Pending || m.p, s.ISOP != m.isop
		return s
	})
	forget := func(t *turn) {
		if m := t.recall(); m.p || m.isop {
			m = t.keep()
			m.p, m.isop = false, false
		}
	}
	b.applies.add(func(t *turn, _ ocf.PstatUpdate) { forget(t) })
	b.idles.add(func(t *turn) {
		forget(t)
		t.tell(atMove)
	})
	b.shipped.add(forget)
}
