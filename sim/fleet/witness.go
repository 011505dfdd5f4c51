package fleet

import (
	"net/netip"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Witness is told of everything that passes between Clients and Devices, in the clear as
// within sessions, and of what happens to the Devices. Its methods are called by any
// goroutine, mostly while the fleet holds its lock: they must be quick and must not call
// the fleet.
type Witness interface {
	// Sighted takes one Sight, whose Data is the Witness's only during the call.
	Sighted(Sight)
}

// SightKind says what a Witness saw.
type SightKind uint8

// The kinds of a Sight.
const (
	Came       SightKind = iota + 1 // a Client's CoAP message reached the Device; Data is the message
	Left                            // the Device sent a CoAP message to a Client; Data is the message
	Opened                          // a Client opened a DTLS session
	Refused                         // a Client opened no session; Text says why
	Ended                           // a session ended; Text says how
	Became                          // the Device is in State, from the start or since now
	WentDown                        // the Device lost its RAM and can't be reached
	CameUp                          // it can be reached again
	CameToAll                       // a Client's CoAP message reached a group of all Devices; Data is the message, Local the group's address, Device -1
	LeftForAll                      // the Device answered a request that had reached it as one of a group; Data is the answer
)

// How a session ended, as Text of an Ended says it.
const (
	EndedByClient = "closed by the Client"
	EndedByDevice = "closed by the Device"
	EndedIdle     = "closed by the Device: nothing came for too long"
	EndedReplaced = "left open by the Client, which opened another one"
)

// Sight is one thing that a Witness is told.
type Sight struct {
	Kind    SightKind
	Device  int            // index of the Device
	DI      ocf.UUID       // its present uuid
	Local   netip.AddrPort // the Device's address; zero if Kind is of the Device alone
	Peer    netip.AddrPort // the Client's address; zero likewise
	Session uint32         // number of the session, never reused; 0: in the clear, or none yet
	Subject ocf.UUID       // the Client that the session authenticated; nil: none
	OTM     bool           // the session is an owner transfer
	Data    []byte         // of Came, Left, CameToAll and LeftForAll
	State   sim.State      // of Became
	Text    string         // of Refused and Ended
}

// sighted tells the Witness, if there is one, of something on a line.
func (sh *shard) sighted(kind SightKind, s *slot, on line, data []byte, text string) {
	if sh.witness == nil && !sh.watched.sees(kind) {
		return
	}
	sight := Sight{Kind: kind, Device: int(s.index), DI: s.device.ID(), Local: on.local, Peer: on.peer, Data: data, Text: text}
	if on.session != nil {
		sight.Session, sight.Subject, sight.OTM = on.session.number, on.session.via.Subject, on.session.via.OTM
	}
	if sh.watched.sees(kind) {
		sh.watched.watcher.Session(sh.now(), sight)
	}
	if sh.witness != nil {
		sh.witness.Sighted(sight)
	}
}

// sightedByAll tells the Witness of a packet to a group.
func (sh *shard) sightedByAll(p *Packet) {
	if sh.witness != nil {
		sh.witness.Sighted(Sight{Kind: CameToAll, Device: -1, Local: p.Local, Peer: p.Peer, Data: p.Data})
	}
}

// became tells the Witness in which state the Device is, if it is not the one that was
// told last.
func (sh *shard) became(s *slot) {
	if sh.witness == nil {
		return
	}
	state := s.device.State()
	state.Version = 0 // no Client sees it in pstat
	if last, ok := sh.witnessed[s.index]; ok && last == state {
		return
	}
	sh.witnessed[s.index] = state
	sh.witness.Sighted(Sight{Kind: Became, Device: int(s.index), DI: s.device.ID(), State: state})
}

// power tells the Witness, and the Watcher, that the Device went down or came up.
func (sh *shard) power(kind SightKind, s *slot) {
	sh.stands(s)
	if sh.witness != nil {
		sh.witness.Sighted(Sight{Kind: kind, Device: int(s.index), DI: s.device.ID()})
	}
}

// seeLeaving tells the Witness of plain packets that are sent.
func (sh *shard) seeLeaving(packets []Packet) {
	if sh.witness == nil {
		return
	}
	for _, p := range packets {
		if i, ok := sh.book.ever(p.Local); ok {
			kind := Left
			if p.Multicast {
				kind = LeftForAll
			}
			sh.sighted(kind, sh.slot(i), line{local: p.Local, peer: p.Peer}, p.Data, "")
		}
	}
}

// sightedRefusal tells the Witness that a Client got no session with a Device.
func (d *demux) sightedRefusal(h pair, di ocf.UUID, local netip.AddrPort, why string) {
	sight := Sight{Kind: Refused, Device: int(h.device), DI: di, Local: local, Peer: h.peer, Text: why}
	if d.shard.watched.sees(Refused) {
		d.shard.watched.watcher.Session(d.shard.now(), sight)
	}
	if w := d.shard.witness; w != nil {
		w.Sighted(sight)
	}
}
