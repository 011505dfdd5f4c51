package fleet

import (
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
)

// A datagram over plain CoAP may come from another address than the one it names, so
// that the answers hit somebody who never asked. A fleet that is not on loopback
// therefore pings whoever sends it a request (RFC 7252 section 4.3): an empty CON of 4
// bytes, which a CoAP endpoint answers with RST. Some answer with ACK, as go-coap does,
// which shows as well that they are there. Until an answer comes, no more bytes leave for
// the address than three times those that came, and a few for the first answer (section
// 11.3). A Client over DTLS has shown by its cookie where it is.
const (
	// amplification is how many bytes may be sent for each one that came.
	amplification = 3
	// allowance is how many bytes may be sent besides: a datagram of the size that every
	// IPv6 link carries (RFC 8200 section 5).
	allowance = 1280
	// maxCredit bounds what an address can save up.
	maxCredit = 8 * allowance
	// probeEvery is the time from one ping of a peer to the next.
	probeEvery = ackTimeout
	// shownFor is how long an address counts as shown.
	shownFor = 24 * time.Hour
	// maxStrangers bounds the strangers that are remembered, and the addresses that have
	// shown themselves. The oldest are forgotten first.
	maxStrangers = 1 << 14
)

// strangers holds what may be sent to which address. It is nil for a fleet on loopback,
// where no address can be forged.
type strangers struct {
	met   remembers[*stranger]
	shown remembers[time.Duration] // until when an address counts as shown
}

// stranger is an address that has not shown itself.
type stranger struct {
	credit int
	pinged time.Duration  // 0: never
	peer   netip.AddrPort // whom the ping went to
	mid    uint16         // of the ping
	open   bool           // the ping can still be answered
}

func newStrangers() *strangers {
	return &strangers{met: remembers[*stranger]{of: make(map[netip.Addr]*stranger)}, shown: remembers[time.Duration]{of: make(map[netip.Addr]time.Duration)}}
}

// remembers is a map that forgets its oldest addresses.
type remembers[V any] struct {
	of    map[netip.Addr]V
	order []netip.Addr // a ring, once it is full
	next  int
}

func (m *remembers[V]) put(a netip.Addr, v V) {
	if _, ok := m.of[a]; ok {
		m.of[a] = v
		return
	}
	if len(m.order) < maxStrangers {
		m.order = append(m.order, a)
	} else {
		delete(m.of, m.order[m.next])
		m.order[m.next] = a
		m.next = (m.next + 1) % maxStrangers
	}
	m.of[a] = v
}

// stranger returns the stranger at a peer's address, or nil if it has shown itself.
func (st *strangers) stranger(p netip.AddrPort, now time.Duration) *stranger {
	a := holder(p)
	if now < st.shown.of[a] {
		return nil
	}
	s := st.met.of[a]
	if s == nil {
		s = &stranger{credit: allowance}
		st.met.put(a, s)
	}
	return s
}

// came notes n bytes of a peer.
func (st *strangers) came(p netip.AddrPort, n int, now time.Duration) {
	if st == nil {
		return
	}
	if s := st.stranger(p, now); s != nil {
		s.credit = min(s.credit+amplification*n, maxCredit)
	}
}

// pays reports whether n bytes may leave for a peer, and charges it for them.
func (st *strangers) pays(p netip.AddrPort, n int, now time.Duration) bool {
	s := st.stranger(p, now)
	switch {
	case s == nil:
		return true
	case s.credit < n:
		return false
	}
	s.credit -= n
	return true
}

// isStranger reports whether the peer at the other end of a line may be somebody else.
func (sh *shard) isStranger(on line) bool {
	return sh.strangers != nil && on.session == nil && sh.strangers.stranger(on.peer, sh.now()) != nil
}

// ping asks a stranger to show itself. Of several peers at one address it asks each: one
// of them may be a socket that only waits for answers.
func (sh *shard) ping(on line) {
	if !sh.isStranger(on) {
		return
	}
	s, now := sh.strangers.stranger(on.peer, sh.now()), sh.now()
	if s.pinged > 0 && s.peer == on.peer && now-s.pinged < probeEvery {
		return
	}
	var mid [2]byte
	_, _ = rand.Read(mid[:]) // never fails; the Device's own numbers can be foreseen
	s.pinged, s.peer, s.open, s.mid = max(now, 1), on.peer, true, binary.BigEndian.Uint16(mid[:])
	out := sh.add(on)
	out.Data = append(out.Data, 0x40|byte(message.Confirmable)<<4, 0, mid[0], mid[1])
}

// shows takes a RST or an ACK, which may answer a ping. Each ping can be answered once, so that
// nobody tries all numbers.
func (sh *shard) shows(on line, mid uint16) {
	if !sh.isStranger(on) {
		return
	}
	s := sh.strangers.stranger(on.peer, sh.now())
	if s.open && s.mid == mid {
		sh.strangers.shown.put(holder(on.peer), sh.now()+shownFor)
	}
	s.open = false
}

// paid moves the packets that may leave to the front and returns them.
func (sh *shard) paid(packets []Packet) []Packet {
	if sh.strangers == nil {
		return packets
	}
	n := 0
	for i := range packets {
		if sh.strangers.pays(packets[i].Peer, len(packets[i].Data), sh.now()) {
			packets[n], packets[i] = packets[i], packets[n]
			n++
		}
	}
	sh.stats.drops.unpaid.Add(uint64(len(packets) - n))
	return packets[:n]
}
