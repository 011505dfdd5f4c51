package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Recorder collects the Timeline of one scenario. It is safe for concurrent use.
type Recorder struct {
	mu      sync.Mutex
	began   time.Time
	tl      Timeline
	w       io.Writer // nil: memory alone
	text    []byte    // of the latest line; its room is used again
	err     error
	changed chan struct{} // closed at the next Append; nil until somebody waits for it

	room Room // that there is in all
	used Room
	over Room // what was not kept
	full bool
}

// usual is for how many Observations a Timeline has room at first. Two in three that the
// suite records have no more.
const usual = 48

// NewRecorder begins a Timeline and writes each line to w as it is appended; w
// may be nil. Schema and Started of h are set where they are empty.
func NewRecorder(h Header, w io.Writer) *Recorder {
	now := time.Now()
	if h.Schema == "" {
		h.Schema = TimelineSchema
	}
	switch {
	case h.Target.Client: // revision 1 does not know it
		h.Revision = 2
	case len(h.Target.Always) > 0: // revision 0 does not know it
		h.Revision = 1
	}
	if h.Started.IsZero() {
		h.Started = now
	}
	r := &Recorder{began: now, tl: Timeline{Header: h, Observations: make([]Observation, 0, usual)}, w: w, room: FullRoom()}
	r.line(h)
	return r
}

// Time is the time of day of the Timeline: Started, and as much later as time has passed. It goes
// on evenly where somebody sets the clock of the machine meanwhile.
func (r *Recorder) Time() time.Time {
	return r.tl.Header.Started.Add(time.Since(r.began))
}

// Confine gives r this room in all, in place of FullRoom.
func (r *Recorder) Confine(room Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.room = room
}

// Full reports whether the room of r is used up. What the Device sends is counted
// from then on and not kept.
func (r *Recorder) Full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.full
}

// Finish says in a Note at the end how much was not kept, where anything was not, and gives
// back the memory that only further Observations would have used.
func (r *Recorder) Finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over.Frames > 0 {
		r.append(Observation{Kind: Note, Text: fmt.Sprintf("%v more were not kept", r.over)})
	}
	r.tl.Observations = append(make([]Observation, 0, len(r.tl.Observations)), r.tl.Observations...)
}

// Append adds o, sets N, At and Wall, and returns N. What o points to must not
// be changed afterwards. It returns -1 where o is not kept, for there is no room
// left for what a Device sends of its own accord.
func (r *Recorder) Append(o Observation) int {
	o.Decode()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.full && o.unbidden() {
		r.over.Frames++
		r.over.Bytes += o.size()
		return -1
	}
	n := r.append(o)
	if o.Frame != nil || o.unbidden() {
		r.used.Frames++
	}
	r.used.Bytes += o.size()
	if !r.full && (r.used.Frames >= r.room.Frames || r.used.Bytes >= r.room.Bytes) {
		r.full = true
		r.append(Observation{Kind: Note, Text: r.room.full()})
	}
	return n
}

// append adds o. The lock is held.
func (r *Recorder) append(o Observation) int {
	now := time.Now()
	o.N, o.At = len(r.tl.Observations), now.Sub(r.began)
	o.Wall = r.tl.Header.Started.Add(o.At).Truncate(time.Millisecond)
	r.tl.Observations = append(r.tl.Observations, o)
	r.observed(&o)
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
	return o.N
}

// Expect adds an expectation to be judged afterwards. An Upto of 0 means all
// that was appended until now.
func (r *Recorder) Expect(e Expectation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Upto == 0 {
		e.Upto = len(r.tl.Observations)
	}
	r.tl.Expectations = append(r.tl.Expectations, e)
	r.line(e)
}

// Timeline is a snapshot of what was recorded so far.
func (r *Recorder) Timeline() Timeline {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, m := len(r.tl.Observations), len(r.tl.Expectations)
	return Timeline{
		Header:       r.tl.Header,
		Observations: r.tl.Observations[:n:n],
		Expectations: r.tl.Expectations[:m:m],
	}
}

// Changed returns a channel that is closed at the next Append. Take it before
// looking at the Timeline, so that nothing is missed in between.
func (r *Recorder) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// Err is the first error of writing the Timeline; it makes the scenario an error.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// line puts v on a line of its own. After the first error nothing more is
// written, so that a file never has a hole.
func (r *Recorder) line(v any) {
	if r.w == nil || r.err != nil {
		return
	}
	line, err := json.Marshal(v)
	r.write(line, err)
}

// observed is line of an Observation.
func (r *Recorder) observed(o *Observation) {
	if r.w == nil || r.err != nil {
		return
	}
	var err error
	r.text, err = o.appendLine(r.text[:0])
	r.write(r.text, err)
}

// write writes a line that was made, unless err says that it was not.
func (r *Recorder) write(line []byte, err error) {
	if err == nil {
		_, err = r.w.Write(append(line, '\n'))
	}
	if err != nil {
		r.err = fmt.Errorf("write timeline of %s: %w", r.tl.Header.Scenario, err)
	}
}
