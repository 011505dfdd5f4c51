package fleet

import (
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
)

// later is a datagram that leaves some time after it was made, or leaves again until it
// is acknowledged. A Device that loses its RAM forgets it.
type later struct {
	device int32
	line
	datagram []byte
	answers  bool          // it is an answer, not a notification
	request  exchangeKey   // of the request that it answers in the ACK
	mid      uint16        // by which it is acknowledged
	timeout  time.Duration // until it is sent again; 0: it is sent once
	attempts uint8         // how often it was sent
	timer    timer
}

// answerApart acknowledges r now, and sends re in a confirmable message of its own after
// a while (RFC 7252 section 5.2.2).
func (sh *shard) answerApart(s *slot, r *request, re reply, after time.Duration) {
	sh.sendACK(r)
	mid := s.nextMID()
	p := sh.post(envelope{typ: message.Confirmable, mid: mid, token: r.token, line: r.line}, re)
	l := sh.postpone(s, p, after)
	l.answers, l.mid, l.timeout = true, mid, ackTimeout+time.Duration(sh.rng.Int64N(int64(ackRandom)))
}

// answerLater sends p, which answers r and was added last, after a while, and keeps it
// for duplicates of r from then on.
func (sh *shard) answerLater(s *slot, r *request, p *Packet, after time.Duration) {
	l := sh.postpone(s, p, after)
	l.answers = true
	l.request = r.memory.key()
}

// postpone takes p, which was added last, out of the outbox and sends it after a while.
// The caller may change what it returns. The content of p stays valid until the next
// packet is added.
func (sh *shard) postpone(s *slot, p *Packet, after time.Duration) *later {
	out := &sh.scratch.out
	out.n--
	l := &later{device: s.index, line: line{p.Local, p.Peer, out.sessions[out.n]}, datagram: slices.Clone(p.Data)}
	out.sessions[out.n] = nil
	m := s.memory()
	m.later = append(m.later, l)
	sh.alarm.set(&l.timer, sh.now()+after, l)
	return l
}

// expire sends the datagram. A confirmable one is sent again until it is acknowledged, or
// until it was sent as often as RFC 7252 section 4.2 allows.
func (l *later) expire(sh *shard) {
	s := sh.slot(int(l.device))
	if l.attempts > maxRetransmit {
		sh.forgetLater(s, l)
		return
	}
	p := sh.add(l.line)
	p.Data = append(p.Data, l.datagram...)
	if seen, ok := sh.recall(l.request); ok {
		sh.keep(seen, l.datagram)
	}
	if l.timeout == 0 {
		sh.forgetLater(s, l)
		return
	}
	if l.attempts++; l.attempts > 1 {
		sh.stats.retransmissions.Add(1)
	}
	sh.alarm.set(&l.timer, sh.now()+l.timeout, l)
	l.timeout *= 2
}

// hurry sends what a Device still owes as answers: it goes off after it has answered.
func (sh *shard) hurry(s *slot) {
	if s.ram == nil {
		return
	}
	for _, l := range slices.Clone(s.ram.later) {
		if l.attempts == 0 && l.answers {
			sh.alarm.stop(&l.timer)
			l.expire(sh)
		}
	}
}

// arrived ends the wait for the ACK, or the RST, of an answer with that message id, and reports
// whether there was one.
func (sh *shard) arrived(s *slot, on line, mid uint16) bool {
	if s.ram == nil {
		return false
	}
	for _, l := range s.ram.later {
		if l.line == on && l.timeout > 0 && l.attempts > 0 && l.mid == mid {
			sh.alarm.stop(&l.timer)
			sh.forgetLater(s, l)
			return true
		}
	}
	return false
}

// forgetLater forgets l, whose timer is not set.
func (sh *shard) forgetLater(s *slot, l *later) {
	switch i := slices.Index(s.ram.later, l); {
	case i == 0: // as mostly: of many notifications, none is moved for each that leaves
		s.ram.later[0] = nil
		s.ram.later = s.ram.later[1:]
	case i > 0:
		s.ram.later = slices.Delete(s.ram.later, i, i+1)
	}
	sh.rest(s)
}

// pause is how long a notification to o waits before it leaves.
func (sh *shard) pause(s *slot, o *observer) time.Duration {
	return max(s.device.Messages().TellAfter, o.from-sh.now(), 0)
}
