package fleet

import (
	"crypto/rand"
	"fmt"
	"math/big"

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
				sh.alarm.set(&s.wake, sh.now()+sh.wait(s, e.After), s)
			}
		case sim.AskSource:
			sh.ask(s, e.Ask)
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
