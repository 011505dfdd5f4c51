package fleet

import (
	"net/netip"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

// Journal is told of all that changes Devices. A Device does not depend on any other, and has
// no clock or chance of its own, so whoever has its Entries in their order knows everything
// that it will ever be: Repeat makes it again (docs/adr/0146). Enter is called while the
// fleet holds its lock: it must be quick and must not call the fleet.
type Journal interface {
	Enter(e Entry)
}

// EntryKind says what has happened to a Device.
type EntryKind uint8

// The kinds of an Entry.
const (
	Applied   EntryKind = iota + 1 // it has taken Event, which is no GET
	Started                        // it was switched on at the time At
	LostPower                      // it was switched off
)

// Entry is one thing that has happened to a Device.
type Entry struct {
	Kind   EntryKind
	Device int
	At     time.Duration // by the Device's clock, of Applied and Started
	Event  *sim.Event    // of Applied; valid only during the call
	// Peer is the address of the Client that sent the request; zero if Event is none.
	Peer netip.AddrPort
	// Saved, of Started, is what the Store had kept of the Device; nil where there is no
	// Store, because a Device keeps then what it is to keep.
	Saved *sim.Saved
	// State, Version and Off are how the Device is afterwards.
	State   sim.State
	Version string
	Off     bool
}

// enter tells the Journal of e, which has just happened to the Device.
func (sh *shard) enter(s *slot, e Entry) {
	if sh.journal == nil {
		return
	}
	e.Device, e.Off = int(s.index), s.is(offMark)
	e.State, e.Version = s.device.State(), s.device.Version()
	sh.journal.Enter(e)
}

// from is the address of the Client that sent r. If r is nil, it is that of the request which is
// repeated, and zero if none is.
func (sh *shard) from(r *request) netip.AddrPort {
	if r == nil {
		return sh.scratch.peer
	}
	return r.peer
}

// rerunRefusal is why a Client, or a harness, changes nothing in a rerun.
const rerunRefusal = "the Devices do again what was recorded, and nothing else"

// Repeat has a Device do again what a Journal was told. The fleet's Config has Rerun, and the
// Entries of each Device come in their order. State, Version and Off of e mean nothing; those
// that Repeat returns say how the Device is afterwards.
func (f *Fleet) Repeat(e Entry) Entry {
	sh := f.shard
	sh.do(func() {
		s := sh.slot(e.Device)
		switch e.Kind {
		case Applied:
			sh.scratch.event, sh.scratch.peer = *e.Event, e.Peer
			sh.undergo(s, nil)
		case Started:
			sh.startAgain(s, e)
		case LostPower:
			sh.switchOff(s)
		}
		e.State, e.Version, e.Off = s.device.State(), s.device.Version(), s.is(offMark)
	})
	return e
}

// startAgain switches a Device on that a Journal has seen to be switched on.
func (sh *shard) startAgain(s *slot, e Entry) {
	s.mark(offMark|offlineMark, false)
	sh.power(CameUp, s)
	kept := s.device.Save()
	if e.Saved != nil {
		kept = *e.Saved
	}
	s.device = sh.models(int(s.index)).Restore(kept)
	sh.start(s, e.At)
}

// answeredAgain tells the Watcher what became of a request that is repeated: e is the answer that
// the Device would have given.
func (sh *shard) answeredAgain(s *slot, e *sim.Effect) {
	w, ev := &sh.watched, &sh.scratch.event
	if w.watcher == nil || ev.Kind != sim.Post && ev.Kind != sim.Delete {
		return
	}
	method := codes.POST
	if ev.Kind == sim.Delete {
		method = codes.DELETE
	}
	r := &request{
		code: method, envelope: envelope{line: line{local: sh.book.addr(int(s.index)), peer: sh.scratch.peer}}, body: ev.Request,
	}
	sh.asked(s, r, &reply{code: codes.Code(e.Code)})
}
