package fleet

import "sync/atomic"

// Stats is what a fleet has counted since it was opened.
type Stats struct {
	Requests        uint64 // told apart from their duplicates
	Responses       uint64
	Notifications   uint64 // retransmissions of the same datagram not included
	Retransmissions uint64 // of CON notifications
	Duplicates      uint64 // requests that were seen before
	Resets          uint64 // RST sent
	Malformed       uint64 // datagrams that are no CoAP message, or of no use
	Observers       int    // now
	Drops           Drops
	Secure          SecureStats
}

// SecureStats is what a fleet has counted of its DTLS sessions. What those
// carry counts like plain CoAP.
type SecureStats struct {
	Sessions   int    // now
	Underway   int    // handshakes, now
	Challenges uint64 // ClientHellos answered with a cookie, and forgotten
	Handshakes uint64 // that made a session
	Failures   uint64 // handshakes that made none
	Closed     uint64 // refused, because the Device took no session
	Full       uint64 // refused, because there were enough sessions or handshakes
	Idle       uint64 // sessions closed, because nothing was said for so long
	Strays     uint64 // records that belong to no session
	Overflow   uint64 // records dropped, because a session had enough to do
}

// demuxCounters is the running form of SecureStats.
type demuxCounters struct {
	challenges, handshakes, failures, closed, full, idle, strays, overflow atomic.Uint64
}

func (d *demux) counted() SecureStats {
	c := &d.stats
	s := SecureStats{
		Challenges: c.challenges.Load(), Handshakes: c.handshakes.Load(), Failures: c.failures.Load(),
		Closed: c.closed.Load(), Full: c.full.Load(), Idle: c.idle.Load(), Strays: c.strays.Load(),
		Overflow: c.overflow.Load(),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Sessions, s.Underway = d.sessions, d.handshakes
	return s
}

// Drops says what a fleet has thrown away, by reason.
type Drops struct {
	NoDevice         uint64 // for an address that is no Device's
	Unreachable      uint64 // for a Device that is off
	Overflow         uint64 // by the kernel, whose receive buffer was full
	Unsent           uint64 // the kernel did not take it
	Multicast        uint64 // requests, because enough were being answered
	Observers        uint64 // observations refused, because there were enough
	ObserversLost    uint64 // observations ended, because nobody acknowledged
	DedupForgotten   uint64 // requests forgotten before their lifetime was over
	BlocksForgotten  uint64 // Block1 payloads forgotten, because there were enough
	LateAnswers      uint64 // of the trusted source, to a Device that no longer waited
	PersistFailures  uint64
	InterfaceForeign uint64 // from another interface than the one listened on
}

// counters is the running form of Stats.
type counters struct {
	requests, responses, notifications, retransmissions atomic.Uint64
	duplicates, resets, malformed                       atomic.Uint64
	drops                                               dropCounters
}

// dropCounters is the running form of Drops.
type dropCounters struct {
	noDevice, unreachable, unsent, multicast atomic.Uint64
	observers, observersLost                 atomic.Uint64
	dedup, blocks                            atomic.Uint64
	lateAnswers, persistFailures             atomic.Uint64
}

// lossy is a Conn that knows what was lost before it came to ReadBatch.
type lossy interface {
	// Losses are the packets that the kernel dropped, and those that were
	// dropped for coming from another interface.
	Losses() (overflow, foreign uint64)
}

// Stats is what the fleet has counted since it was opened.
func (f *Fleet) Stats() Stats {
	c := &f.shard.stats
	d := &c.drops
	s := Stats{
		Requests: c.requests.Load(), Responses: c.responses.Load(), Notifications: c.notifications.Load(),
		Retransmissions: c.retransmissions.Load(), Duplicates: c.duplicates.Load(), Resets: c.resets.Load(),
		Malformed: c.malformed.Load(),
		Drops: Drops{
			NoDevice: d.noDevice.Load(), Unreachable: d.unreachable.Load(), Unsent: d.unsent.Load(),
			Multicast: d.multicast.Load(), Observers: d.observers.Load(), ObserversLost: d.observersLost.Load(),
			DedupForgotten: d.dedup.Load(), BlocksForgotten: d.blocks.Load(),
			LateAnswers: d.lateAnswers.Load(), PersistFailures: d.persistFailures.Load(),
		},
	}
	if l, ok := f.shard.conn.(lossy); ok {
		s.Drops.Overflow, s.Drops.InterfaceForeign = l.Losses()
	}
	if d := f.shard.demux; d != nil {
		s.Secure = d.counted()
		if l, ok := d.conn.(lossy); ok {
			overflow, foreign := l.Losses()
			s.Drops.Overflow += overflow
			s.Drops.InterfaceForeign += foreign
		}
	}
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	s.Observers = f.shard.observers
	return s
}
