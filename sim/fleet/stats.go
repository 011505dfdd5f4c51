package fleet

import "sync/atomic"

// Stats counts what a fleet has done since it was opened.
type Stats struct {
	Requests        uint64 // duplicates not included
	Responses       uint64
	Notifications   uint64 // retransmissions of the same datagram not included
	Retransmissions uint64 // of CON notifications
	Duplicates      uint64 // requests that had been seen before
	Resets          uint64 // RSTs sent
	Malformed       uint64 // datagrams that are not CoAP messages or cannot be used
	Observers       int    // at present
	Drops           Drops
	Secure          SecureStats
}

// SecureStats counts the DTLS sessions of a fleet. The requests in them count in
// Stats, like plain CoAP.
type SecureStats struct {
	Sessions   int    // at present
	Underway   int    // handshakes at present
	Challenges uint64 // ClientHellos answered with a cookie and not stored
	Handshakes uint64 // handshakes that became a session
	Failures   uint64 // handshakes that failed
	Closed     uint64 // refused because the Device accepted no session
	Full       uint64 // refused because there were too many sessions or handshakes
	CrowdedOut uint64 // handshakes given up for another
	Idle       uint64 // sessions closed because they were idle for too long
	Strays     uint64 // records that belong to no session
	Overflow   uint64 // datagrams dropped because a handshake had no room for them
}

// demuxCounters holds the live counters behind SecureStats.
type demuxCounters struct {
	challenges, handshakes, failures, closed, full, crowdedOut, idle, strays, overflow atomic.Uint64
}

func (d *demux) counted() SecureStats {
	c := &d.stats
	s := SecureStats{
		Challenges: c.challenges.Load(), Handshakes: c.handshakes.Load(), Failures: c.failures.Load(),
		Closed: c.closed.Load(), Full: c.full.Load(), CrowdedOut: c.crowdedOut.Load(), Idle: c.idle.Load(), Strays: c.strays.Load(),
		Overflow: c.overflow.Load(),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Sessions, s.Underway = d.sessions, len(d.underway)
	return s
}

// Drops counts what a fleet has dropped, by reason.
type Drops struct {
	NoDevice         uint64 // packets for an address that no Device has
	Unreachable      uint64 // packets for a Device that is off
	Asleep           uint64 // packets for a Device that sleeps
	Overflow         uint64 // packets that the kernel dropped because its receive buffer was full
	Unsent           uint64 // packets that the kernel did not send
	Multicast        uint64 // requests dropped because too many were being answered
	Observers        uint64 // observations refused because there were too many
	ObserversLost    uint64 // observations ended because nobody acknowledged, or for want of room
	DedupForgotten   uint64 // requests forgotten before their lifetime was over
	BlocksForgotten  uint64 // Block1 payloads forgotten because there were too many
	Unpaid           uint64 // packets not sent to an address that may be forged
	LateAnswers      uint64 // answers of the trusted source to a Device that no longer waited
	PersistFailures  uint64
	InterfaceForeign uint64 // packets from an interface other than the one listened on
}

// counters holds the live counters behind Stats.
type counters struct {
	requests, responses, notifications, retransmissions atomic.Uint64
	duplicates, resets, malformed                       atomic.Uint64
	drops                                               dropCounters
}

// dropCounters holds the live counters behind Drops.
type dropCounters struct {
	noDevice, unreachable, asleep, unsent, multicast atomic.Uint64
	observers, observersLost                         atomic.Uint64
	dedup, blocks, unpaid                            atomic.Uint64
	lateAnswers, persistFailures                     atomic.Uint64
}

// lossy is a Conn that knows which packets were lost before ReadBatch could return
// them.
type lossy interface {
	// Losses returns how many packets the kernel has dropped, and how many were
	// dropped because they came from another interface.
	Losses() (overflow, foreign uint64)
}

// Observers returns how many observations there are at present.
func (f *Fleet) Observers() int {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.audience.count
}

// Stats returns what the fleet has counted since it was opened.
func (f *Fleet) Stats() Stats {
	c := &f.shard.stats
	d := &c.drops
	s := Stats{
		Requests: c.requests.Load(), Responses: c.responses.Load(), Notifications: c.notifications.Load(),
		Retransmissions: c.retransmissions.Load(), Duplicates: c.duplicates.Load(), Resets: c.resets.Load(),
		Malformed: c.malformed.Load(),
		Drops: Drops{
			NoDevice: d.noDevice.Load(), Unreachable: d.unreachable.Load(), Asleep: d.asleep.Load(), Unsent: d.unsent.Load(),
			Multicast: d.multicast.Load(), Observers: d.observers.Load(), ObserversLost: d.observersLost.Load(),
			DedupForgotten: d.dedup.Load(), BlocksForgotten: d.blocks.Load(),
			Unpaid: d.unpaid.Load(), LateAnswers: d.lateAnswers.Load(), PersistFailures: d.persistFailures.Load(),
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
	s.Observers = f.shard.audience.count
	return s
}
