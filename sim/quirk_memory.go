package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// memory is what the quirks of a Device remember. A Device without quirks has none;
// another Device gets one as soon as there is something to remember. A memory
// survives a power cut, but only the lasting facts in it are saved.
type memory struct {
	facts     fact
	past      past
	withdrawn []ocf.Cred // deleted credentials that the Device still honours
	told      uint8      // notifications sent so far
	checks    uint16     // requested of the Device at rest
	late      mode       // processes that were accepted and have not begun yet
	wide      uint64     // what a Client wrote to tm, where that is above 65535
	stranger  bool       // the Client that writes has no right to
	lapsed    bool       // tm has just lost the process that runs
	p, isop   bool       // p: dos.p is shown as true at the wrong time; isop: isop is shown inverted
}

// fact is something about the processes or the owner of a Device.
type fact uint16

const (
	spoiled   fact = 1 << (iota + 7) // the result will not be shown as it really is
	orphan                           // the Device has lost its owner
	ownCheck                         // no Client asked for the check
	ownUpdate                        // no Client asked for the update
	hidden                           // the process is not shown
	skipped                          // what was fetched will not be installed

	lastingFacts = orphan | ownCheck | ownUpdate | hidden // saved in the bits of borrowed
)

// ownFact is the fact that no Client asked for the process.
func ownFact(m mode) fact {
	if m == validation {
		return ownCheck
	}
	return ownUpdate
}

// recall returns the memory for reading.
func (d *Device) recall() *memory {
	if m, ok := d.trust.memory.(*memory); ok {
		return m
	}
	return new(memory)
}

// is reports whether f holds.
func (d *Device) is(f fact) bool { return d.recall().facts&f != 0 }

// keep returns the memory for writing.
func (t *turn) keep() *memory {
	m, ok := t.trust.memory.(*memory)
	if !ok {
		m = new(memory)
		t.remember().memory = m
	}
	return m
}

// note records whether f holds.
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

// These bits of bends.kept say what quirks that share a memory have already added to
// the hooks.
const (
	keptFacts uint8 = 1 << iota
	keptPast
	keptOddities
	keptTold
)

// keeps reports whether the hooks for what are still to be added. It says so only
// once.
func (b *bends) keeps(what uint8) bool {
	first := b.kept&what == 0
	b.kept |= what
	return first
}

// keepFacts clears each fact when it no longer holds, and has the lasting ones
// saved.
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

// past is what has happened to a Device before. Some deviant Devices go wrong only
// because of it.
type past struct {
	ended      time.Duration // when the last process ended
	checks     uint8         // requested in a row, one right after another
	updates    uint8         // likewise
	before     ocf.DPM       // cm at the last request of a process
	fading     ocf.DPM       // the bits of cm that will be cleared after the end
	why        cause         // why the running process has no result
	found      bool          // the last check has found something
	chains     bool          // the check that has just ended found something
	updated    bool          // an update was installed since the power came back
	slow       bool          // the source took long to answer
	overlapped bool          // a request came while another process was pending
	both       bool          // check and update were requested in one write
	zeros      uint8         // writes of tm=0 since the process was requested
	refused    bool          // a write was refused
	malformed  bool          // a payload was malformed
	requester  uint32        // the session of the Client that requested what runs
}

// Causes that the reference does not distinguish.
const (
	unreachable cause = iota + notInstalled + 1
	truncated
	withdrawn
)

// moment is the time that quirks treat as no time at all: what follows within a
// moment follows at once.
func (m *Model) moment() time.Duration { return m.script.reset / 2 }

// keepPast keeps the past up to date.
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

// noteRequest remembers that the processes of bits were requested.
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

// noteAnswer remembers whether the source was slow, and why an answer was no use.
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

// keepOddities shows isop and dos.p as a quirk has set them, until the next accepted
// write or until the time that the quirk has set for an idle Device.
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
