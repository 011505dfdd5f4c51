package conformance

import "io"

// Recorder collects the Timeline of one scenario. It is safe for concurrent use.
type Recorder struct{}

// NewRecorder begins a Timeline and writes each line to w as it is appended; w may be nil.
func NewRecorder(h Header, w io.Writer) *Recorder { panic("not yet") }

// Append adds o, sets N, At and Wall, and returns N.
func (r *Recorder) Append(o Observation) int { panic("not yet") }

// Expect adds an expectation to be judged afterwards.
func (r *Recorder) Expect(e Expectation) { panic("not yet") }

// Timeline is a snapshot of what was recorded so far.
func (r *Recorder) Timeline() Timeline { panic("not yet") }

// Changed returns a channel that is closed at the next Append.
func (r *Recorder) Changed() <-chan struct{} { panic("not yet") }

// Err is the first error of writing the Timeline; it makes the scenario an error.
func (r *Recorder) Err() error { panic("not yet") }
