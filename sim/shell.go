package sim

import "time"

// Shell is the hooks of a Device's shell: decisions about messages, which are
// not the Device's but are bent by its quirks. Each is given what the RFCs have
// the shell do. Without quirks all are empty.
type Shell struct {
	Takes  ShellHook[uint8, bool]       // whether this method (PUT is 3) is taken for POST; then Way says so
	Tells  ShellHook[Observer, bool]    // whether an observer is told
	Admits ShellHook[int, bool]         // whether another observation can be had beside so many
	Ends   ShellHook[Doing, bool]       // whether a Client ends the observations of all others by it
	Number ShellHook[Numbering, uint32] // the Observe number of the next message
	Block  ShellHook[string, []byte]    // the last block of an answer from the resource at a path
}

// ShellHook is a decision of the shell about a subject.
type ShellHook[S, T any] []func(of S, answer T) T

// Decide is what the Device's quirks make of the answer.
func (h ShellHook[S, T]) Decide(of S, answer T) T {
	for _, bend := range h {
		answer = bend(of, answer)
	}
	return answer
}

func (h *ShellHook[S, T]) add(bend func(of S, answer T) T) { *h = append(*h, bend) }

// Observer is an observer who might be told.
type Observer struct {
	Last   bool          // registered after all others
	Writer bool          // is the Client that wrote pstat last
	Told   int           // notifications so far
	Since  time.Duration // the last of them
}

// Doing is what a Client does.
type Doing uint8

// What a Client does.
const (
	Writes   Doing = iota + 1 // pstat
	Observes                  // pstat
)

// Numbering is where Observe numbers stand.
type Numbering struct {
	Last uint32        // of any observation of the Device, 24 bits; 0: none yet
	Now  time.Duration // since the fleet began, scaled time
}

// Shell is the hooks of the Device's shell. They are shared, and not to be changed.
func (d *Device) Shell() *Shell { return &d.model.bent.shell }

// Plain reports whether s is that of a Device without quirks in the shell, of
// which nothing has to be kept in mind.
func (s *Shell) Plain() bool {
	return len(s.Takes)+len(s.Tells)+len(s.Admits)+len(s.Ends)+len(s.Number)+len(s.Block) == 0
}
