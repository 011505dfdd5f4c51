package controller

import (
	"context"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/pool"

	"github.com/ocfsim/ocfsim/ocf"
)

// states are what the Device tells of pstat, the oldest first. go-coap handles each datagram in a
// goroutine of its own, so a notification may overtake another one within this program, as it may
// on the network. One that is older than what was told before is dropped.
type states struct {
	told chan ocf.Pstat

	mu     sync.Mutex // held until a state is in told, so that none overtakes it there
	newest order
}

func newStates() *states { return &states{told: make(chan ocf.Pstat, 8)} }

// tell takes in a notification, or the answer that an observation begins with.
func (s *states) tell(ctx context.Context, m *pool.Message, at time.Time) {
	number, err := m.Observe()
	if err != nil {
		return // the Device does not notify
	}
	payload, err := m.ReadBody()
	if err != nil {
		return
	}
	state, _, err := ocf.DecodePstat(payload)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.newest.passedBy(number, at) {
		return
	}
	select {
	case s.told <- state:
	case <-ctx.Done():
	}
}

// next is what the Device tells next.
func (s *states) next(ctx context.Context) (ocf.Pstat, error) {
	select {
	case state := <-s.told:
		return state, nil
	case <-ctx.Done():
		return ocf.Pstat{}, ctx.Err()
	}
}

// order is the newest notification so far, by its Observe number and when it came. The zero value
// is older than all of them.
type order struct {
	number uint32 // of 24 bits; 0 comes after the largest
	at     time.Time
}

// passedBy reports whether a notification with this number that came at that time is newer than
// o, and takes note of it then. Numbers count for 128 s; what comes later is newer whatever its
// number is (RFC 7641 section 3.4).
func (o *order) passedBy(number uint32, at time.Time) bool {
	const half, counts = 1 << 23, 128 * time.Second
	newer := o.at.IsZero() || at.After(o.at.Add(counts)) ||
		o.number < number && number-o.number < half ||
		o.number > number && o.number-number > half
	if newer {
		o.number, o.at = number, at
	}
	return newer
}
