package source

import (
	"strconv"
	"strings"
	"time"
)

// Fault is what goes wrong on the way. The zero value is no fault.
type Fault string

// The faults of a source.
const (
	Unreachable Fault = "unreachable" // every question fails
	Stalled     Fault = "stalled"     // no question is ever answered
	Truncated   Fault = "truncated"   // half of the package comes
	Flapping    Fault = "flapping"    // a question fails twice, and is answered the third time
	Withdrawn   Fault = "withdrawn"   // on offer in a check, gone in the fetch
	Appears     Fault = "appears"     // the first check finds nothing yet, later ones do

	BadSignature     Fault = "bad-signature"     // the package is not what the vendor signed
	Rollback         Fault = "rollback"          // what is on offer is older than what is installed
	StaleMetadata    Fault = "stale-metadata"    // an offer of long ago is replayed
	WrongCertificate Fault = "wrong-certificate" // somebody else answers in the source's place
)

// Faults are all faults there are.
func Faults() []Fault {
	return []Fault{
		Unreachable, Stalled, Truncated, Flapping, Withdrawn, Appears,
		BadSignature, Rollback, StaleMetadata, WrongCertificate,
	}
}

// flaw is what anyone who verifies an answer to a question of kind finds.
func (f Fault) flaw(kind Kind) Fault {
	if f == StaleMetadata || f == WrongCertificate || f == Rollback || f == BadSignature && kind == Fetch {
		return f
	}
	return ""
}

// DefaultSize is the size of a package whose Offer does not say it, in bytes.
const DefaultSize = 64 << 10

// Offer is what the source has for a Device. The zero value is the software
// that is installed already, answered at once.
type Offer struct {
	Newer bool          // newer than what is installed at the time of the question, for ever
	Fault Fault         // what goes wrong
	Delay time.Duration // from question to answer
	Size  int64         // of the package, in bytes; 0 is DefaultSize, at most MaxSize
	// Package is what is wrong with the package, by the name of a flaw in package suit; ""
	// for what Fault says. Only a source with real packages looks at it.
	Package string
}

func (o Offer) size() int64 {
	if o.Size <= 0 {
		return DefaultSize
	}
	return min(o.Size, MaxSize)
}

// said is an answer, and the fault behind it.
type said struct {
	Answer
	Fault
}

// decide makes the answer to q from what is on offer now. If its fault is Stalled, there is
// to be no answer.
func (s *Source) decide(q Question) said {
	a, fault := s.answer(q)
	return said{a, fault}
}

// answer is what the source answers now, and by which fault.
func (s *Source) answer(q Question) (Answer, Fault) {
	o := s.offerTo(q.Device)
	a := Answer{Version: q.Version}
	switch o.Fault {
	case Stalled:
		return a, Stalled
	case Unreachable:
		a.Failed = true
		return a, Unreachable
	case Flapping:
		sheet := s.sheets.of(q.Device)
		if sheet.failed[q.Kind]++; sheet.failed[q.Kind] < 3 {
			a.Failed = true
			return a, Flapping
		}
		sheet.failed[q.Kind] = 0
	case Appears:
		if sheet := s.sheets.of(q.Device); q.Kind == Check && sheet.failed[Check] == 0 {
			sheet.failed[Check]++
			return a, Appears
		}
	case Withdrawn:
		if q.Kind == Fetch {
			return a, Withdrawn
		}
	}
	if !o.Newer {
		return a, ""
	}
	a.Available, a.Version, a.Flaw = true, s.newer.than(q.Version), o.Fault.flaw(q.Kind)
	if o.Fault == Rollback {
		a.Version = Older(q.Version)
	}
	if q.Kind == Check {
		return a, a.Flaw
	}
	a.Declared = o.size()
	a.Received = a.Declared
	if o.Fault == Truncated {
		a.Received /= 2
		return a, Truncated
	}
	return a, a.Flaw
}

// newer is a version and the one that follows it: most Devices have the same.
type newer struct{ version, next string }

// than is Newer.
func (n *newer) than(v string) string {
	if n.version != v || n.next == "" {
		n.version, n.next = v, Newer(v)
	}
	return n.next
}

// Older is the version before v: its last number is lowered by one where it
// is above 0, 1.0.1 becomes 1.0.0. Any other v has nothing before it.
func Older(v string) string {
	digits := len(v)
	for digits > 0 && '0' <= v[digits-1] && v[digits-1] <= '9' {
		digits--
	}
	n, err := strconv.ParseUint(v[digits:], 10, 32)
	if err != nil || n == 0 {
		return v
	}
	return v[:digits] + strconv.FormatUint(n-1, 10)
}

// Newer is the version that follows v: its last number is raised by one, 1.0.0
// becomes 1.0.1 and 1.9 becomes 1.10. What does not end in a number gets ".1".
func Newer(v string) string {
	digits := len(v)
	for digits > 0 && '0' <= v[digits-1] && v[digits-1] <= '9' {
		digits--
	}
	if digits == len(v) {
		return v + ".1"
	}
	nines := len(strings.TrimRight(v, "9"))
	if nines <= digits {
		return v[:digits] + "1" + strings.Repeat("0", len(v)-digits)
	}
	return v[:nines-1] + string(v[nines-1]+1) + strings.Repeat("0", len(v)-nines)
}
