package talk

import (
	"context"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// Inbox is a Client's Log that hands on to one reader what the Client received. It
// never makes the Client wait, so it holds all that has not been read yet.
type Inbox struct {
	answers bool
	mu      sync.Mutex
	n       int
	queue   []Arrival
	more    chan struct{} // holds a token if queue may not be empty
}

// Arrival is a notification or an answer, and when it came.
type Arrival struct {
	At           time.Time
	Notification bool
	Frame        conformance.Frame
}

// NewInbox makes an Inbox that keeps notifications only.
func NewInbox() *Inbox { return &Inbox{more: make(chan struct{}, 1)} }

// NewFullInbox makes an Inbox that keeps notifications and answers, in the order in
// which they came.
func NewFullInbox() *Inbox {
	b := NewInbox()
	b.answers = true
	return b
}

// Append keeps o if it is wanted, and counts it in any case.
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

// Next waits for the oldest arrival that was not read yet. ok is false when ctx has
// ended.
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

// Take is the oldest arrival that was not read yet. ok is false if there is none.
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
