package fleet

import (
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim"
)

// Transmission parameters of RFC 7252 4.8.
const (
	ackTimeout    = 2 * time.Second
	ackRandom     = 1 * time.Second // ACK_RANDOM_FACTOR is 1.5
	maxRetransmit = 4
)

// confirmation is the CON notification that an observer has not acknowledged yet.
// There is at most one (NSTART is 1).
type confirmation struct {
	observer observation
	datagram []byte // as it was last sent
	mid      uint16
	attempts uint8
	timeout  time.Duration
	timer    timer

	newer bool // state is newer than the one in datagram
	unfed bool // state was not sent as NON either
	state sim.State
	skew  int8
}

// supersede notes the newest state. waits says that the state is to be sent as CON.
func (c *confirmation) supersede(e *sim.Effect, waits bool) {
	c.newer, c.unfed, c.state, c.skew = true, waits, e.Rep.State, e.Skew
}

// sendConfirmable sends a state to o as CON and waits for the ACK.
func (sh *shard) sendConfirmable(s *slot, o *observer, n *news) {
	c := &confirmation{observer: o.number, timeout: ackTimeout + time.Duration(sh.rng.Int64N(int64(ackRandom)))}
	if sh.audience.unconfirmed == nil {
		sh.audience.unconfirmed = make(map[observation]*confirmation)
	}
	sh.audience.unconfirmed[o.number], o.waits = c, true
	sh.transmit(s, o, c, n)
}

// transmit sends a state and starts to wait for its ACK.
func (sh *shard) transmit(s *slot, o *observer, c *confirmation, n *news) {
	c.newer, c.unfed = false, false
	p := sh.sendNotification(s, o, n, message.Confirmable)
	c.mid = s.mid
	c.datagram = append(c.datagram[:0], p.Data...)
	sh.alarm.set(&c.timer, sh.now()+sh.pause(s, o)+c.timeout, c)
}

// expire sends a CON notification again, with the newest state but the same count of
// attempts (RFC 7641 4.5.2), or gives the observer up.
func (c *confirmation) expire(sh *shard) {
	o := sh.audience.at(c.observer)
	s := sh.slot(int(o.device))
	if t := sh.tellings.parting(o); t != nil {
		sh.part(s, o, codes.Code(t.effect.Code))
		sh.rest(s)
		return
	}
	if c.attempts++; c.attempts > maxRetransmit {
		sh.stats.drops.observersLost.Add(1)
		sh.dropObserver(s, o)
		sh.rest(s)
		return
	}
	sh.stats.retransmissions.Add(1)
	c.timeout *= 2
	if c.newer {
		sh.transmit(s, o, c, sh.tellAbout(c.state, c.skew))
		return
	}
	p := sh.add(sh.lineOf(o))
	p.Data = append(p.Data, c.datagram...)
	sh.alarm.set(&c.timer, sh.now()+c.timeout, c)
}

// confirmed ends the wait for the ACK of o's CON notification, and returns it.
func (sh *shard) confirmed(o *observer) *confirmation {
	c := sh.audience.unconfirmed[o.number]
	sh.alarm.stop(&c.timer)
	delete(sh.audience.unconfirmed, o.number)
	if len(sh.audience.unconfirmed) == 0 {
		sh.audience.unconfirmed = nil // a map does not shrink
	}
	o.waits = false
	return c
}

// acknowledged ends the wait for the ACK of the CON notification with that message
// id, and sends the state that had to wait for it. It reports whether there was one.
func (sh *shard) acknowledged(s *slot, l line, mid uint16) bool {
	for o := range sh.audience.on(s.index, l) {
		if !o.waits || sh.audience.unconfirmed[o.number].mid != mid {
			continue
		}
		c := sh.confirmed(o)
		o.confirmed, o.unheard = sh.now(), 0
		if c.unfed && sh.tellings.parting(o) == nil {
			sh.sendConfirmable(s, o, sh.tellAbout(c.state, c.skew))
		}
		return true
	}
	return false
}
