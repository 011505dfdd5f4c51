package target

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
)

// tape is a Log whose entries a spec can wait for.
type tape struct {
	mu      sync.Mutex
	entries []conformance.Observation
	changed chan struct{}
	at0     time.Time // lines carry the time since then, where it is set
	times   []time.Duration
}

func newTape() *tape { return &tape{changed: make(chan struct{})} }

func (t *tape) Append(o conformance.Observation) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	o.N = len(t.entries)
	t.entries = append(t.entries, o)
	t.times = append(t.times, time.Since(t.at0))
	close(t.changed)
	t.changed = make(chan struct{})
	return o.N
}

// cut forgets all but the first n entries.
func (t *tape) cut(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries, t.times = t.entries[:n], t.times[:n]
}

// at is entry n.
func (t *tape) at(n int) conformance.Observation {
	t.mu.Lock()
	defer t.mu.Unlock()
	Expect(n).To(And(BeNumerically(">=", 0), BeNumerically("<", len(t.entries))))
	return t.entries[n]
}

// wait blocks until the tape has n entries that match.
func (t *tape) wait(ctx context.Context, n int, match func(conformance.Observation) bool) {
	for {
		t.mu.Lock()
		seen := 0
		for _, o := range t.entries {
			if match(o) {
				seen++
			}
		}
		changed := t.changed
		t.mu.Unlock()
		if seen >= n {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			Expect(ctx.Err()).NotTo(HaveOccurred(), "waiting for %d entries of:\n%s", n, strings.Join(t.lines(), "\n"))
		}
	}
}

// lines is the tape in a notation for comparison: kind, type, code, Observe
// number, payload, text.
func (t *tape) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for i, o := range t.entries {
		line := string(o.Kind)
		if !t.at0.IsZero() {
			line = t.times[i].String() + " " + line
		}
		if f := o.Frame; f != nil {
			line += " " + strings.TrimSpace(f.Type+" "+f.Code)
			if f.Observe != nil {
				line += fmt.Sprintf(" o=%d", *f.Observe)
			}
			if len(f.Payload) > 0 && len(f.Payload) <= 8 {
				line += fmt.Sprintf(" %x", []byte(f.Payload))
			} else if len(f.Payload) > 8 {
				line += fmt.Sprintf(" %d bytes", len(f.Payload))
			}
		}
		if o.For != nil {
			line += fmt.Sprintf(" for=%d", *o.For)
		}
		if o.Text != "" {
			line += ": " + o.Text
		}
		out = append(out, line)
	}
	return out
}

func isKind(k conformance.Kind) func(conformance.Observation) bool {
	return func(o conformance.Observation) bool { return o.Kind == k }
}
