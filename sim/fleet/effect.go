package fleet

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

// apply applies an Event that is not a request. The Device is given a copy of it, so that
// nobody has to allocate one.
func (sh *shard) apply(s *slot, ev *sim.Event) {
	sh.scratch.event = *ev
	sh.applyScratch(s)
}

// event returns the Event that all share, as one of a kind with nothing else in it.
// applyScratch applies it.
func (sh *shard) event(kind sim.EventKind) *sim.Event {
	sh.scratch.event = sim.Event{Kind: kind}
	return &sh.scratch.event
}

// applyScratch applies the Event that all share.
func (sh *shard) applyScratch(s *slot) {
	sh.happened++
	sh.scratch.event.At = sh.clock(s)
	sh.undergo(s, nil)
}

// undergo has the Event in scratch happen to a Device. r is nil unless it is a request.
func (sh *shard) undergo(s *slot, r *request) {
	ev := &sh.scratch.event
	sh.learnKeys(s) // before it may lose some
	sh.scratch.effects = s.device.Apply(ev, sh.scratch.effects[:0])
	if ev.Kind != sim.Get { // which changes nothing
		sh.enter(s, Entry{Kind: Applied, At: ev.At, Event: ev, Peer: sh.from(r)})
	}
	sh.carryOut(s, r, sh.scratch.effects)
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
			switch {
			case r != nil:
				sh.answer(s, r, e)
			case sh.rerun:
				sh.answeredAgain(s, e)
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
			sh.wakeUp(s, e.After)
		case sim.AskSource:
			if !sh.rerun {
				sh.ask(s, e.Ask)
			}
		case sim.LeaveSource:
			sh.leaveSource(s)
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

// wakeUp has the Device's Due come after a while by its clock; below 0 it does not come. In a
// rerun it comes with the others.
func (sh *shard) wakeUp(s *slot, after time.Duration) {
	switch {
	case sh.rerun:
	case after < 0:
		sh.alarm.stop(&s.wake)
	default:
		sh.alarm.set(&s.wake, sh.now()+sh.wait(s, after), s)
	}
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
