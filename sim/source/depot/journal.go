package depot

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Ending is how the answer to a question ended.
type Ending string

// The endings of an Entry.
const (
	Answered Ending = "answered"  // all of the answer left
	Struck   Ending = "struck"    // a fault ended it
	WentAway Ending = "went away" // whoever asked did not wait for all of it
)

// Entry is one question in the log, and what left in answer to it.
type Entry struct {
	Number  uint64    `json:"number"` // from 1, in the order of asking
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"` // from the question to the end of the answer
	Over    string    `json:"over"`
	Peer    string    `json:"peer"`
	Device  string    `json:"device,omitempty"` // as it calls itself
	Asks    string    `json:"asks"`
	Package string    `json:"package,omitempty"`
	Version string    `json:"version,omitempty"`
	Size    int64     `json:"size,omitempty"` // of the whole package, in bytes
	From    int64     `json:"from,omitempty"` // the first byte of the package that left
	Upto    int64     `json:"upto,omitempty"` // behind the last one
	Faults  []string  `json:"faults,omitempty"`
	Says    string    `json:"says,omitempty"` // by DDI: what the Device says of itself or of an action
	Ended   Ending    `json:"ended"`

	// Doubt is the package that the Device says it has installed, where it has not had all of
	// it, or not as it is.
	Doubt *source.Handed `json:"doubt,omitempty"`

	altered bool // what left is not what the package has
	begun   bool // the Device's account of this package was opened
	served  bool // with this answer the Device has had all of it
}

// begin opens the entry of a question.
func (d *Depot) begin(r Request) *Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries++
	return &Entry{Number: d.entries, At: time.Now(), Over: r.Over, Peer: r.Peer, Device: r.Device, Asks: r.Asks}
}

// finish closes an entry and tells of it.
func (d *Depot) finish(e *Entry) {
	d.mu.Lock()
	e.Seconds = time.Since(e.At).Seconds()
	ended := *e
	ended.Faults = slices.Clone(e.Faults)
	d.mu.Unlock()
	d.config.Tell(ended)
}

// spans is what there is of a package: bytes from and upto, in order and apart.
type spans struct {
	list    [][2]int64
	altered bool
	faults  []string
}

// add adds the bytes from and upto.
func (s *spans) add(from, upto int64) {
	if from >= upto {
		return
	}
	s.list = append(s.list, [2]int64{from, upto})
	slices.SortFunc(s.list, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	merged := s.list[:1]
	for _, next := range s.list[1:] {
		if last := &merged[len(merged)-1]; next[0] <= last[1] {
			last[1] = max(last[1], next[1])
			continue
		}
		merged = append(merged, next)
	}
	s.list = merged
}

// fault remembers a fault that struck.
func (s *spans) fault(name string) {
	if !slices.Contains(s.faults, name) {
		s.faults = append(s.faults, name)
	}
}

// covers reports whether nothing is missing of size bytes.
func (s *spans) covers(size int64) bool {
	return len(s.list) == 1 && s.list[0] == [2]int64{0, size}
}

// bytes is how many there are.
func (s *spans) bytes() int64 {
	var n int64
	for _, part := range s.list {
		n += part[1] - part[0]
	}
	return n
}
