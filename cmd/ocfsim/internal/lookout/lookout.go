// Package lookout counts and tells what a fleet does. A Board is told by the fleet where
// each Device stands and keeps the counts; Events writes what happens as lines of JSON;
// Handler serves counts and Devices over HTTP, and a History keeps what Devices did last.
//
//	fleet --Watcher--> Board --Happening--> Events, History, Metrics
//	                     ^
//	                     +-- Counts, Took, Slowest, Devices -- Handler, Summary, the terminal view
//
// The fleet holds its lock while it calls the Board, so nothing here waits: a line that
// finds the queue full is left out and counted.
package lookout

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Roster is a fleet, with what is known of its Devices besides.
type Roster struct {
	*fleet.Fleet
	Group   func(i int) string // the name of Device i's group; nil: there are no groups
	Virtual bool               // the fleet has a time of its own
}

// now is the present, by the fleet's own time if it has one.
func (r *Roster) now() time.Time {
	if r.Virtual {
		return r.Began().Add(r.Now()).UTC()
	}
	return time.Now().UTC()
}

// mask is the text of a mask of tm or cm of Device i, in the letters of its edition.
func (r *Roster) mask(i int, m ocf.DPM) string { return r.Letters(i, m.String()) }

// group is the name of Device i's group, "" for none.
func (r *Roster) group(i int) string {
	if r.Group == nil {
		return ""
	}
	return r.Group(i)
}

// State is what a Device does, in one word. A Device that is down counts as that, one
// with a process that runs as that process, and any other by its dos.
type State uint8

// The states of Devices. Those of dos come first, in the order of ocf.DOS.
const (
	InReset State = iota
	InRFOTM
	InRFPRO
	InRFNOP
	InSRESET
	Checking   // an availability check runs
	Validating // a validation runs
	Updating   // an update runs
	IsDown     // without power, or restarting
	stateCount
)

// String is the name of the state: that of dos, or what runs.
func (s State) String() string {
	switch s {
	case Checking:
		return "availability"
	case Validating:
		return "validation"
	case Updating:
		return "update"
	case IsDown:
		return "down"
	}
	return ocf.DOS(s).String()
}

// States are all states, in the order in which they are shown.
func States() []State {
	return []State{InRFNOP, Checking, Validating, Updating, IsDown, InRFOTM, InRFPRO, InSRESET, InReset}
}

// stateOf is the state of a Device that stands so.
func stateOf(s *sim.Standing) State {
	switch {
	case s.Down:
		return IsDown
	case s.Running.Has(ocf.SSU):
		return Updating
	case s.Running.Has(ocf.SVV):
		return Validating
	case s.Running.Has(ocf.NSA):
		return Checking
	case s.DOS.Valid():
		return State(s.DOS)
	}
	return InRFNOP
}

// Process is one of the processes that tm asks for.
type Process uint8

// The processes.
const (
	Availability Process = iota
	Validation
	Update
	processCount
)

// String is the name of the process, which is that of the state in which it runs.
func (p Process) String() string { return (Checking + State(p)).String() }

// bit is the bit of the process in tm and cm.
func (p Process) bit() ocf.DPM { return [processCount]ocf.DPM{ocf.NSA, ocf.SVV, ocf.SSU}[p] }

// Result is how a process ended, as cm says it.
type Result uint8

// The results. The zero value is that no process has ended yet.
const (
	NoResult   Result = iota
	Available         // of a check: there is something newer
	NoneNewer         // of a check: there is not, or nobody could say
	Updated           // of an update
	NotUpdated        // of an update
	Aborted           // the process ended without a result
	resultCount
)

// String is the name of the result.
func (r Result) String() string {
	return [resultCount]string{"none", "available", "nothing-newer", "updated", "not-updated", "aborted"}[r]
}

// Results are all results of processes that have ended.
func Results() []Result { return []Result{Available, NoneNewer, Updated, NotUpdated, Aborted} }

// because says why a process has no better result, in the words of swupdateresult; "" for
// nothing in particular.
func because(r ocf.UpdateResult) string {
	switch r {
	case ocf.ResultNoRAM:
		return "no-ram"
	case ocf.ResultNoFlash:
		return "no-flash"
	case ocf.ResultNoConnection:
		return "no-connection"
	case ocf.ResultNotValid:
		return "not-valid"
	case ocf.ResultFailed:
		return "failed"
	}
	return ""
}
