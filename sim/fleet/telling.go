package fleet

import (
	"slices"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

// A Device may have 100,000 observers, and to tell them all takes longer than others should
// wait for the lock. So a crowd of them is told at once, and the others a crowd at a time,
// with the lock free in between. Each is told every state, in the order of the states: while
// a Device has not told everybody of one, the next one waits. Who begins to observe meanwhile
// was answered with the state of that moment, and is told only what follows it.

// telling is a state that some observers of a Device are still to be told, from next to last,
// or that their observations end.
type telling struct {
	device     int32
	era        uint32      // of the last of them, if they end
	effect     sim.Effect  // a Notify or DropObservers
	begun      bool        // somebody was told
	next, last observation // next is 0 if nobody is left
}

// tellings are all of them, those that began first before the others.
type tellings struct {
	timer
	list []*telling
	era  uint32 // of observations that begin now; see parting.go
}

// ofDevice reports whether some observers of a Device are still to be told something.
func (ts *tellings) ofDevice(device int32) bool {
	return slices.ContainsFunc(ts.list, func(t *telling) bool { return t.device == device })
}

// leave has nobody told anything who ends his observation now.
func (ts *tellings) leave(o *observer) {
	for _, t := range ts.list {
		switch {
		case t.device != o.device || t.next == 0:
		case t.next == o.number && t.last == o.number:
			t.next = 0
		case t.next == o.number:
			t.next = o.after
		case t.last == o.number:
			t.last = o.before
		}
	}
}

// notify tells the observers of a resource its new state.
func (sh *shard) notify(s *slot, e *sim.Effect) {
	if !s.is(observedMark) {
		return
	}
	first := sh.audience.first(s.index)
	t := telling{device: s.index, next: first, last: sh.audience.at(first).before}
	if len(sh.tellings.list) == 0 || !sh.tellings.ofDevice(s.index) {
		if sh.tellSome(s, &t, e); t.next == 0 {
			return
		}
	}
	sh.tellLater(t, e)
}

// tellLater has the others of t be told e after those who wait already.
func (sh *shard) tellLater(t telling, e *sim.Effect) {
	t.effect = *e
	sh.tellings.list = append(sh.tellings.list, &t)
	sh.tellOn()
}

// tellOn has the next crowd of observers be told once others have had the lock.
func (sh *shard) tellOn() {
	if !sh.tellings.isSet() {
		sh.alarm.set(&sh.tellings.timer, sh.now()+1, &sh.tellings)
	}
}

// expire tells a crowd of observers.
func (ts *tellings) expire(sh *shard) {
	t := ts.list[0]
	if t.next != 0 {
		s := sh.slot(int(t.device))
		sh.tellSome(s, t, &t.effect)
		sh.rest(s)
	}
	if t.next == 0 {
		ts.list = slices.Delete(ts.list, 0, 1)
	}
	if len(ts.list) > 0 {
		sh.tellOn()
	}
}

// tellSome tells a crowd of those who are still to be told e.
func (sh *shard) tellSome(s *slot, t *telling, e *sim.Effect) {
	n, next := sh.tellAbout(e.Rep.State, e.Skew), t.next
	for range crowd {
		o := sh.audience.at(next)
		isLast := next == t.last
		next = o.after
		switch first := !t.begun; {
		case e.Kind == sim.DropObservers:
			sh.part(s, o, codes.Code(e.Code))
		case first || !e.Sole:
			sh.tellOne(s, o, e, n)
		}
		t.begun = true
		if isLast {
			next = 0
			break
		}
	}
	t.next = next
}

// tellOne tells o a state, if it is one of the resource that o observes.
func (sh *shard) tellOne(s *slot, o *observer, e *sim.Effect, n *news) {
	if sh.audience.terms.of(o.terms).path != e.Rep.Path || !sh.tells(s, o) {
		return
	}
	confirm := e.Confirm || sh.now()-o.confirmed >= confirmEvery || o.unheard >= confirmAfter ||
		sh.strangers != nil && sh.isStranger(sh.lineOf(o))
	switch {
	case o.waits:
		// A retransmission carries the newest state. A CON waits until the
		// previous one is acknowledged or given up.
		sh.audience.unconfirmed[o.number].supersede(e, confirm)
		if !confirm {
			sh.sendNotification(s, o, n, message.NonConfirmable)
		}
	case confirm:
		sh.sendConfirmable(s, o, n)
	default:
		sh.sendNotification(s, o, n, message.NonConfirmable)
	}
}
