package fleet

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
)

// longestRequest is the longest request that a session accepts. A Client's request
// fits into one Ethernet packet, because longer payloads come in blocks.
const longestRequest = 2048

// transferIdle is how long an owner transfer may be idle, though other sessions may be
// for longer: until then nobody else can become the owner. It is longer than a Client's
// request can be on its way (MAX_TRANSMIT_WAIT of RFC 7252 section 4.8.2 is 93 s).
const transferIdle = 2 * time.Minute

// session is an established DTLS session between one Client and one Device. It has no
// goroutine: the reader of the secured socket decrypts what comes, and whoever holds the
// shard's lock may send.
//
//	handshake --establish--> open --drop--> over
//
// drop, which needs the lock, removes it from the table and the Device; stop ends the
// DTLS session itself.
type session struct {
	number uint32 // counted from 1 and never reused
	line          // its session field is this session
	key    pair
	random [32]byte // of the ClientHello
	conn   *secure.Session
	via    sim.Via

	// The shard's lock guards the following fields.
	last time.Duration // when something was last sent or received
	idle timer
	over bool
}

// id returns the session's number. It is 0 for nil, which stands for plain CoAP.
func (s *session) id() uint32 {
	if s == nil {
		return 0
	}
	return s.number
}

// send encrypts and sends one message; the caller holds the shard's lock.
func (s *session) send(sh *shard, data []byte) {
	if s.over {
		return
	}
	s.last = sh.now()
	sh.sighted(Left, sh.slot(int(s.key.device)), s.line, data, "")
	datagram, err := s.conn.Seal(data)
	if err != nil {
		sh.stats.drops.unsent.Add(1)
		return
	}
	sh.demux.send(s.line, datagram)
}

// take handles a datagram of the session's Client, and overwrites it. Only the reader
// of the secured socket calls it, without the shard's lock.
func (s *session) take(sh *shard, datagram []byte) {
	for got := range s.conn.Open(datagram) {
		sh.do(func() { s.received(sh, got) })
	}
}

// received handles one record of the session's Client.
func (s *session) received(sh *shard, got secure.Received) {
	if s.over {
		return
	}
	if got.Reply != nil {
		sh.demux.send(s.line, got.Reply)
	}
	switch {
	case got.Over:
		sh.lost(s, EndedByClient)
	case got.Message != nil && len(got.Message) <= longestRequest:
		s.last = sh.now()
		sh.receiveFor(sh.slot(int(s.key.device)), s.line, &Packet{Local: s.local, Peer: s.peer, Data: got.Message})
	case got.Reply == nil: // a warning, or a record without use
		sh.stats.malformed.Add(1)
	}
}

// stop ends the DTLS session, with close_notify or silently.
func (s *session) stop(sh *shard, how ending) {
	if notify := s.conn.Close(); notify != nil && how == politely {
		sh.demux.send(s.line, notify)
	}
}

// ending says how a session is ended.
type ending uint8

const (
	silently ending = iota
	politely        // with close_notify
)

// expire closes a session that has been idle for too long.
func (s *session) expire(sh *shard) {
	if at := s.last + s.idleTime(sh.demux.Idle); at > sh.now() {
		sh.alarm.set(&s.idle, at, s)
		return
	}
	sh.demux.stats.idle.Add(1)
	s.stop(sh, politely)
	sh.lost(s, EndedIdle)
}

// idleTime returns how long s may be idle, where sessions in general may be for most.
func (s *session) idleTime(most time.Duration) time.Duration {
	if s.via.OTM {
		return min(most, transferIdle)
	}
	return most
}

// open makes s a session of its Device and drops old, the one that the Client had.
func (sh *shard) open(s, old *session) {
	if old != nil {
		old.stop(sh, silently)
		sh.lost(old, EndedReplaced)
	}
	slot := sh.slot(int(s.key.device))
	m := slot.memory()
	m.sessions = append(m.sessions, s)
	s.last = sh.now()
	sh.sighted(Opened, slot, s.line, nil, "")
	sh.alarm.set(&s.idle, s.last+s.idleTime(sh.demux.Idle), s)
	sh.apply(slot, &sim.Event{Kind: sim.SessionOpened, Request: sim.Request{Via: s.via}})
}

// lost tells the Device that one of its sessions is over, unless the Device knows
// already. how is one of EndedByClient and its like.
func (sh *shard) lost(s *session, how string) {
	if s.over {
		return
	}
	sh.sighted(Ended, sh.slot(int(s.key.device)), s.line, nil, how)
	sh.drop(s)
	sh.apply(sh.slot(int(s.key.device)), &sim.Event{Kind: sim.SessionClosed, Request: sim.Request{Via: s.via}})
}

// drop removes a session, and everything that came over it, from the fleet.
func (sh *shard) drop(s *session) {
	s.over = true
	sh.alarm.stop(&s.idle)
	sh.demux.leave(s)
	for _, a := range sh.assemblies.open {
		if a.key.line.session == s {
			sh.dropAssembly(a)
		}
	}
	slot := sh.slot(int(s.key.device))
	for sh.dropOneOn(slot, s.line) {
		continue
	}
	if slot.ram == nil {
		return
	}
	if i := slices.Index(slot.ram.sessions, s); i >= 0 {
		slot.ram.sessions = slices.Delete(slot.ram.sessions, i, i+1)
	}
}

// endSessions ends every session of a Device and every handshake with it. Messages
// that are still to be sent go out first.
func (sh *shard) endSessions(slot *slot, how ending) {
	if sh.demux == nil {
		return
	}
	sh.demux.abandon(slot.index)
	if slot.ram == nil || len(slot.ram.sessions) == 0 {
		return
	}
	if how == politely {
		for _, s := range slot.ram.sessions {
			sh.hurryPartings(slot, s.line)
		}
	}
	sh.flush()
	for _, s := range slices.Clone(slot.ram.sessions) {
		sh.sighted(Ended, slot, s.line, nil, EndedByDevice)
		sh.drop(s)
		s.stop(sh, how)
	}
}

// ownerKey returns the owner PSK that follows from a session and the current doxm.
// It is all zero if there is none.
func (s *session) ownerKey(slot *slot) (key [16]byte) {
	rep := sim.Rep{Path: ocf.PathDoxm, Interface: string(ocf.InterfaceBaseline), State: slot.device.State()}
	doxm, _, err := ocf.DecodeDoxm(slot.device.Encode(nil, rep, nil))
	if err != nil || doxm.DevOwner.IsNil() {
		return key
	}
	copy(key[:], secure.OwnerPSK(s.conn.KeyBlock(), secure.OTM(doxm.OXMSel), doxm.DevOwner, doxm.Device))
	return key
}
