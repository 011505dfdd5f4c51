package conformance

import (
	"fmt"
	"slices"
)

// Form is one of the four ways to assert a path of pstat.
type Form string

// The assertion forms.
const (
	Exactly     Form = "exactly"      // this path and nothing else
	InOrder     Form = "in order"     // these states in this order, others between them
	EndsWith    Form = "ends with"    // the last states
	NeverDuring Form = "never during" // no sample matches while the process runs
)

// Row is a pattern of one state. A cell is "*" (any), "-" (neither V nor U) or
// bits joined by "+"; "?" after a bit means it may be either: "U+V?". An empty
// cell is "*".
type Row struct {
	TM  string `json:"tm"`
	CM  string `json:"cm"`
	DOS string `json:"dos"`
}

// Expectation is a Then of a scenario, recorded for judging afterwards: the
// samples in Observations[From:Upto] seen by Client are compared with Rows. An
// empty Client means every Client; an Upto of 0 means to the end.
type Expectation struct {
	Text   string `json:"text"`
	Form   Form   `json:"form"`
	Client string `json:"client"`
	From   int    `json:"from"`
	Upto   int    `json:"upto"`
	Rows   []Row  `json:"rows"`
}

// Validate says what is wrong with e's form or rows.
func (e Expectation) Validate() error {
	switch e.Form {
	case Exactly, InOrder, EndsWith, NeverDuring:
	default:
		return fmt.Errorf("unknown form %q, expected %q, %q, %q or %q", e.Form, Exactly, InOrder, EndsWith, NeverDuring)
	}
	if len(e.Rows) == 0 {
		return fmt.Errorf("%s: no states given", e.Form)
	}
	for i, r := range e.Rows {
		if err := r.Validate(); err != nil {
			return fmt.Errorf("state %d: %w", i+1, err)
		}
	}
	return nil
}

// Check judges e. Pass needs a sample for every row. Fail needs a sample that
// no row explains in the order of the rows, or a final state that is not the
// last row's though the wait for it timed out. A state that was merely not
// seen leaves the verdict None: the Device may pass through it unsampled.
func (e Expectation) Check(tl Timeline) Finding { return e.check(read(tl)) }

func (e Expectation) check(s *story) Finding {
	tl := s.tl
	if err := e.Validate(); err != nil {
		return Finding{Verdict: Error, Want: e.Text, Reason: err.Error(), Witness: -1}
	}
	w := e.window(s)
	var f Finding
	switch e.Form {
	case Exactly:
		f = w.exactly()
	case InOrder:
		f = w.inOrder()
	case EndsWith:
		f = w.endsWith()
	default:
		f = w.neverDuring()
	}
	f.Want = string(e.Form) + ": " + path(e.Rows)
	if f.Got == "" {
		f.Got = w.seen()
	}
	if f.Witness >= 0 && f.Witness < len(tl.Observations) {
		f.AtS = tl.Observations[f.Witness].At.Seconds()
	}
	return f
}

// still reports whether e wants every sample to be of an idle Device.
func (e Expectation) still() bool {
	return e.Form == Exactly && !slices.ContainsFunc(e.Rows, func(r Row) bool { return r.TM != "-" })
}

// turnedDown reports whether every request for a process that e speaks of was
// refused, and the sample that Observation end carries is as pstat was before the
// first: whether it may be refused is for the requirements to say.
func (s *story) turnedDown(e Expectation, end int) bool {
	first := -1
	for _, w := range s.writes {
		switch {
		case w.asks() == 0 || w.n < e.From || e.Upto > 0 && w.n > e.Upto:
		case !w.refused():
			return false
		case first < 0:
			first = w.n
		}
	}
	if first < 0 || end < 0 {
		return false
	}
	pre, ok := s.lastBefore(first)
	return ok && pre.String() == s.samples[s.sampleAt(end)].String()
}

// Complete reports whether nothing that is still to come can be waited for:
// the last row was reached, or e can't be met any more. What is never to
// happen is complete only when it happened.
func (e Expectation) Complete(tl Timeline) bool {
	if e.Validate() != nil {
		return true
	}
	w := e.window(read(tl))
	w.timedOut = false
	switch e.Form {
	case NeverDuring:
		return w.neverDuring().Verdict == Fail
	case EndsWith:
		return w.reachedEnd()
	case InOrder:
		return len(w.inOrderSeen()) == len(e.Rows)
	}
	least, bad := w.least()
	if bad >= 0 {
		return true
	}
	for i := range w.samples {
		if least[i] == len(e.Rows) {
			return true
		}
	}
	return false
}
