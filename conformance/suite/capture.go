package suite

import (
	"path/filepath"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf/capture"
)

// CaptureFile is what passed between the harness and a target, in its folder. Wireshark
// opens it and shows the sessions decrypted: whoever has the file can read them.
const CaptureFile = "capture.pcapng"

// What goes on, as the first comment of a datagram says while the run lasts.
const (
	during     = "timeline " // and the file of its timeline, where one is
	beforehand = "before the scenarios: the harness finds the Device and becomes privileged"
	afterwards = "after the scenarios: the Device is left as it was found"
)

// scene says in a comment of each datagram when it passed. It is the capture.Sink of one
// of the Devices that share a capture. A nil scene captures nothing.
type scene struct {
	*capture.Writer

	mu  sync.Mutex
	now string
}

// set says what goes on from now on.
func (s *scene) set(now string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Packet writes p with what goes on.
func (s *scene) Packet(p capture.Packet) int {
	s.mu.Lock()
	p.Comments = []string{s.now}
	s.mu.Unlock()
	return s.Writer.Packet(p)
}

// beginCapture makes the file, if one is asked for.
func (r *run) beginCapture() (err error) {
	if !r.Capture {
		return nil
	}
	r.capture, err = capture.Create(filepath.Join(r.aside, CaptureFile), "ocfsim "+r.Version)
	return err
}

// watched is the scene of one Device; nil where nothing is captured.
func (r *run) watched() *scene {
	if r.capture == nil {
		return nil
	}
	return &scene{Writer: r.capture, now: beforehand}
}

// endCapture closes the file, and says in the comments of the datagrams what the report
// says of them.
func (r *run) endCapture(report assess.Report, runs []conformance.ScenarioRun) error {
	if r.capture == nil {
		return nil
	}
	if err := r.capture.Close(); err != nil {
		return err
	}
	name := filepath.Join(r.aside, CaptureFile)
	found, err := identify(name, runs)
	if err != nil {
		return err
	}
	for _, run := range runs {
		found.number(run.File, run.Timeline)
	}
	return capture.Annotate(name, commentator(report, runs).comments)
}
