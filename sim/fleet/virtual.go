package fleet

import (
	"net"
	"sync"
	"time"
)

// A virtual fleet has no sockets and no clock. Nobody talks to its Devices, so between two
// calls of its methods nothing happens but what their timers ring for, and Pass has that
// happen one after the other, as fast as the processor can. The trusted source has to answer
// each question at once (Prompt) or never: an answer that comes later comes at no time of the fleet's.

// Pass has the time of a virtual fleet pass. It asks before each timer until when, as a time
// since the fleet began; that may be earlier than it was before. What is due at that very time
// still waits. Pass may be called by one goroutine at a time, and until must not call the
// fleet, except for Now.
func (f *Fleet) Pass(until func() time.Duration) {
	sh := f.shard
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for !sh.closed {
		end := until()
		owner := sh.alarm.due(end - 1)
		if owner == nil {
			sh.mu.at = max(sh.mu.at, end)
			return
		}
		sh.mu.at = sh.alarm.base // the time of the timer that was due
		owner.expire(sh)
		sh.finish()
	}
}

// Now is the time of a virtual fleet since it began. Whoever the fleet calls may ask, and
// whoever calls Pass.
func (f *Fleet) Now() time.Duration { return f.shard.mu.at }

// Happened is how many Events the Devices were given so far, requests not included.
func (f *Fleet) Happened() uint64 {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.happened
}

// nowhere is the Conn of a virtual fleet. Nothing comes, and what is sent is lost.
type nowhere struct {
	once   sync.Once
	closed chan struct{}
}

func newNowhere() *nowhere { return &nowhere{closed: make(chan struct{})} }

// ReadBatch waits until the Conn is closed.
func (n *nowhere) ReadBatch([]Packet) (int, error) {
	<-n.closed
	return 0, net.ErrClosed
}

// WriteBatch sends nothing.
func (n *nowhere) WriteBatch(packets []Packet) (int, error) { return len(packets), nil }

// Close ends ReadBatch.
func (n *nowhere) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}
