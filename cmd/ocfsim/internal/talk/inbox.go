package talk

import (
	"context"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// Inbox is a Client's Log that hands on what came to one reader. It never makes
// the sender wait; what it holds is bounded by what the reader has not read.
type Inbox struct {
	answers bool
	mu      sync.Mutex
	n       int
	queue   []Arrival
	more    chan struct{} // holds one token while queue may have something
}

// Arrival is a notification or an answer, and when it came.
type Arrival struct {
	At           time.Time
	Notification bool
	Frame        conformance.Frame
}

// NewInbox keeps the notifications.
func NewInbox() *Inbox { return &Inbox{more: make(chan struct{}, 1)} }

// NewFullInbox keeps the notifications and the answers, in the order of the wire.
func NewFullInbox() *Inbox {
	b := NewInbox()
	b.answers = true
	return b
}

// Append keeps what is wanted and counts the rest.
func (b *Inbox) Append(o conformance.Observation) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	wanted := o.Kind == conformance.Notification || b.answers && o.Kind == conformance.Response
	if wanted && o.Frame != nil {
		b.queue = append(b.queue, Arrival{time.Now(), o.Kind == conformance.Notification, *o.Frame})
		select {
		case b.more <- struct{}{}:
		default:
		}
	}
	return b.n - 1
}

// Next is the oldest arrival not yet read; ok is false once ctx has ended.
func (b *Inbox) Next(ctx context.Context) (got Arrival, ok bool) {
	for {
		if got, ok := b.Take(); ok {
			return got, true
		}
		select {
		case <-b.more:
		case <-ctx.Done():
			return Arrival{}, false
		}
	}
}

// Take is the oldest arrival not yet read, where there is one.
func (b *Inbox) Take() (got Arrival, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return Arrival{}, false
	}
	got = b.queue[0]
	b.queue = b.queue[1:]
	return got, true
}
