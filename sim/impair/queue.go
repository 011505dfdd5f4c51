package impair

import (
	"sync"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// spacious is how many packets a queue has room for without giving it back.
const spacious = 1024

// queue is what waits for the fleet, the oldest first. It takes memory for what waits. A
// channel of queueLength would have all of it from the start, and each datagram would make
// another part of it resident, until as many had come as it has room for.
type queue struct {
	ready chan struct{} // signals to the only reader that something has come

	mu   sync.Mutex
	came []fleet.Packet
	out  []fleet.Packet // came before, and is being taken
	next int            // the oldest one in out
}

func newQueue() queue { return queue{ready: make(chan struct{}, 1)} }

// put reports whether there is room for p.
func (q *queue) put(p fleet.Packet) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.came)+len(q.out)-q.next >= queueLength {
		return false
	}
	q.came = append(q.came, p)
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// take fills packets with the oldest ones and returns how many these are.
func (q *queue) take(packets []fleet.Packet) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(packets) {
		if q.next == len(q.out) && !q.turn() {
			break
		}
		packets[n].Fill(q.out[q.next])
		q.out[q.next] = fleet.Packet{}
		q.next++
		n++
	}
	return n
}

// turn goes on to what has come meanwhile. It returns false if that is nothing.
func (q *queue) turn() bool {
	free := q.out[:0]
	if cap(free) > spacious {
		free = nil
	}
	q.came, q.out, q.next = free, q.came, 0
	return len(q.out) > 0
}
