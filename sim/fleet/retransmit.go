package fleet

import (
	"time"

	"github.com/plgd-dev/go-coap/v3/message"

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

func (c *confirmation) pending() bool { return c.timer.isSet() }

// supersede notes the newest state. waits says that the state is to be sent as CON.
func (c *confirmation) supersede(e *sim.Effect, waits bool) {
	c.newer, c.unfed, c.state, c.skew = true, waits, e.Rep.State, e.Skew
}

// sendConfirmable sends a state to o as CON and waits for the ACK.
func (sh *shard) sendConfirmable(s *slot, o *observer, state sim.State, skew int8) {
	c := &o.con
	c.attempts = 0
	c.timeout = ackTimeout + time.Duration(sh.rng.Int64N(int64(ackRandom)))
	sh.transmit(s, o, state, skew)
}

// transmit sends a state and starts to wait for its ACK.
func (sh *shard) transmit(s *slot, o *observer, state sim.State, skew int8) {
	c := &o.con
	c.newer, c.unfed = false, false
	p := sh.sendNotification(s, o, state, skew, message.Confirmable)
	c.mid = s.mid
	c.datagram = append(c.datagram[:0], p.Data...)
	sh.alarm.set(&c.timer, sh.now()+sh.pause(s, o)+c.timeout, o)
}

// expire sends a CON notification again, with the newest state but the same count of
// attempts (RFC 7641 4.5.2), or gives the observer up.
func (o *observer) expire(sh *shard) {
	s, c := sh.slot(int(o.device)), &o.con
	if c.attempts++; c.attempts > maxRetransmit {
		sh.stats.drops.observersLost.Add(1)
		sh.dropObserver(s, o)
		sh.rest(s)
		return
	}
	sh.stats.retransmissions.Add(1)
	c.timeout *= 2
	if c.newer {
		sh.transmit(s, o, c.state, c.skew)
		return
	}
	p := sh.add(o.line)
	p.Data = append(p.Data, c.datagram...)
	sh.alarm.set(&c.timer, sh.now()+c.timeout, o)
}

// acknowledged ends the wait for the ACK of the CON notification with that message
// id, and sends the state that had to wait for it.
func (sh *shard) acknowledged(s *slot, l line, mid uint16) {
	if s.ram == nil {
		return
	}
	for _, o := range s.ram.observers {
		c := &o.con
		if !c.pending() || o.line != l || c.mid != mid {
			continue
		}
		sh.alarm.stop(&c.timer)
		o.confirmed, o.unheard = sh.now(), 0
		if c.unfed {
			sh.sendConfirmable(s, o, c.state, c.skew)
		}
		return
	}
}
