package sim

import "time"

// Shell holds the hooks of a Device's shell. They are for decisions about messages,
// which the shell takes and the Device's quirks may bend. Each hook is given what
// the RFCs tell the shell to do. Without quirks every hook is empty.
type Shell struct {
	Takes  ShellHook[uint8, bool]       // whether this method (PUT is 3) is handled as a POST; if so, Request.Way says so
	Tells  ShellHook[Observer, bool]    // whether an observer is notified
	Admits ShellHook[int, bool]         // whether another observation is accepted beside that many
	Ends   ShellHook[Doing, bool]       // whether what a Client does ends the observations of all other Clients
	Number ShellHook[Numbering, uint32] // the Observe number of the next message
	Block  ShellHook[string, []byte]    // the last block of an answer from the resource at a path
	Needs  ShellHook[string, uint16]    // a critical option, without a value, in answers from the resource at a path; 0 for none
	Dozes  ShellHook[Asked, bool]       // whether a request is lost because the Device is asleep
}

// ShellHook is a decision of the shell about a subject of type S.
type ShellHook[S, T any] []func(of S, answer T) T

// Decide returns what the Device's quirks make of the answer.
func (h ShellHook[S, T]) Decide(of S, answer T) T {
	for _, bend := range h {
		answer = bend(of, answer)
	}
	return answer
}

func (h *ShellHook[S, T]) add(bend func(of S, answer T) T) { *h = append(*h, bend) }

// Observer describes an observer who might be notified.
type Observer struct {
	Last   bool          // it registered after all others
	Writer bool          // it is the Client that wrote pstat last
	Told   int           // notifications sent to it so far
	Since  time.Duration // time since the last notification
}

// Doing is what a Client does.
type Doing uint8

// The things a Client may do.
const (
	Writes   Doing = iota + 1 // writes pstat
	Observes                  // observes pstat
)

// Asked describes a request that comes while the Device is awake.
type Asked struct {
	Path    string
	Writes  bool   // it is a POST
	Payload []byte // as far as it has come
}

// Numbering says where the Observe numbers stand.
type Numbering struct {
	Last uint32        // the last number of any observation of the Device, 24 bits; 0: none yet
	Now  time.Duration // since the fleet began, scaled time
}

// Shell returns the hooks of the Device's shell. They are shared and must not be
// changed.
func (d *Device) Shell() *Shell { return &d.model.bent.shell }

// Plain reports whether the Device has no quirks in its shell, so that the shell
// need not remember anything for them.
func (s *Shell) Plain() bool {
	return len(s.Takes)+len(s.Tells)+len(s.Admits)+len(s.Ends)+len(s.Number)+len(s.Block)+len(s.Needs)+len(s.Dozes) == 0
}
