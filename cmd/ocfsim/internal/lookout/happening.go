package lookout

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Kind says what a Happening is.
type Kind uint8

// The kinds of Happenings.
const (
	Requested      Kind = iota // a Client's request was answered, or not: Asked
	WriteAccepted              // a POST or DELETE succeeded: Asked
	WriteRefused               // a POST or DELETE did not: Asked
	ProcessBegan               // Process
	ProcessEnded               // Process, Result, Why, Took, Is
	StateChanged               // tm, cm or dos changed: Is
	WentDown                   // the Device lost its power, or restarts
	CameUp                     // the Device can be reached again
	OwnerGained                // the Device has an owner now
	OwnerLost                  // the Device has none any more
	SessionOpened              // Sight
	SessionRefused             // Sight
	SessionEnded               // Sight
	Dropped                    // Why, Count; of no Device
	LeftOut                    // what could not be told; of no Device
	Summed                     // the counts at the end; of no Device
	kindCount
)

// String is the name of the kind, as Events writes it.
func (k Kind) String() string { return kindNames()[k] }

func kindNames() [kindCount]string {
	return [kindCount]string{
		"request", "write-accepted", "write-refused", "process-began", "process-ended", "state", "went-down", "came-up",
		"owner-gained", "owner-lost", "session-opened", "session-refused", "session-ended", "drop", "left-out", "summary",
	}
}

// Kinds are the kinds that can be chosen: all but those that are told in any case.
func Kinds() []Kind {
	var all []Kind
	for k := range LeftOut {
		all = append(all, k)
	}
	return all
}

// KindSet is a set of Kinds. The zero value has none.
type KindSet uint32

// Has reports whether k is in the set.
func (s KindSet) Has(k Kind) bool { return s>>k&1 == 1 }

// ParseKinds reads the names of kinds. No names stand for all kinds.
func ParseKinds(list []string) (KindSet, error) {
	all := KindSet(1<<kindCount - 1)
	if len(list) == 0 {
		return all, nil
	}
	set := KindSet(1<<LeftOut | 1<<Summed)
	for _, name := range list {
		names := kindNames()
		k := slices.Index(names[:LeftOut], strings.TrimSpace(name))
		if k < 0 {
			return 0, fmt.Errorf("unknown kind of event %q, expected some of %s", name, strings.Join(names[:LeftOut], ", "))
		}
		set |= 1 << k
	}
	return set, nil
}

// wants is what a fleet has to tell so that the kinds of s can be told.
func (s KindSet) wants() (w fleet.Wanted) {
	if s.Has(Requested) {
		w |= fleet.Reads
	}
	if s.Has(WriteAccepted) || s.Has(WriteRefused) {
		w |= fleet.Details
	}
	if s.Has(SessionOpened) || s.Has(SessionRefused) || s.Has(SessionEnded) {
		w |= fleet.Sessions
	}
	return w
}

// Happening is one thing that happened. Which fields it has follows from Kind.
type Happening struct {
	Kind    Kind
	Process Process
	Result  Result
	Device  int
	At      time.Duration // since the fleet began
	Took    time.Duration
	Count   uint64
	Why     string
	Is      sim.Standing
	Asked   *fleet.Asked // valid only while the Happening is told
	Sight   *fleet.Sight // likewise
}

// reason is why a process ended without a better result.
func (h *Happening) reason() string {
	if h.Result == NoneNewer || h.Result == NotUpdated {
		return because(h.Is.Ending)
	}
	return ""
}
