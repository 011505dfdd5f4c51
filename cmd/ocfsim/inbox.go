package main

import (
	"context"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// inbox is a Log that hands the notifications on to one reader. It never makes
// the sender wait; what it holds is bounded by what the reader has not read.
type inbox struct {
	mu    sync.Mutex
	n     int
	queue []notification
	more  chan struct{} // holds one token while queue may have something
}

// notification is one that came, and when.
type notification struct {
	at    time.Time
	frame conformance.Frame
}

func newInbox() *inbox { return &inbox{more: make(chan struct{}, 1)} }

// Append keeps notifications and counts the rest.
func (b *inbox) Append(o conformance.Observation) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	if o.Kind == conformance.Notification && o.Frame != nil {
		b.queue = append(b.queue, notification{time.Now(), *o.Frame})
		select {
		case b.more <- struct{}{}:
		default:
		}
	}
	return b.n - 1
}

// next is the oldest notification not yet read; ok is false once ctx has ended.
func (b *inbox) next(ctx context.Context) (got notification, ok bool) {
	for {
		b.mu.Lock()
		if len(b.queue) > 0 {
			got = b.queue[0]
			b.queue = b.queue[1:]
			b.mu.Unlock()
			return got, true
		}
		b.mu.Unlock()
		select {
		case <-b.more:
		case <-ctx.Done():
			return notification{}, false
		}
	}
}
