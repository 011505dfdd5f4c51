package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
)

// check judges e. Pass needs a sample for every row. Fail needs a sample that
// no row explains in the order of the rows, or a final state that is not the
// last row's though the wait for it timed out. A state that was merely not
// seen leaves the verdict None: the Device may pass through it unsampled.
func check(e conformance.Expectation, s *story) conformance.Finding {
	if err := e.Validate(); err != nil {
		return conformance.Finding{Verdict: conformance.Error, Want: e.Text, Reason: err.Error(), Witness: -1}
	}
	w := windowOf(e, s)
	var f conformance.Finding
	switch e.Form {
	case conformance.Exactly:
		f = w.exactly()
	case conformance.InOrder:
		f = w.inOrder()
	case conformance.EndsWith:
		f = w.endsWith()
	default:
		f = w.neverDuring()
	}
	f.Want = string(e.Form) + ": " + path(e.Rows)
	if f.Got == "" {
		f.Got = w.seen()
	}
	if f.Witness >= 0 {
		f.AtS = s.at(f.Witness).Seconds()
	}
	return f
}

// still reports whether e wants every sample to be of an idle Device.
func still(e conformance.Expectation) bool {
	return e.Form == conformance.Exactly && !slices.ContainsFunc(e.Rows, func(r conformance.Row) bool { return r.TM != "-" })
}

// turnedDown reports whether every request for a process that e speaks of was
// refused, and the sample that Observation end carries is as pstat was before the
// first: whether it may be refused is for the requirements to say.
func (s *story) turnedDown(e conformance.Expectation, end int) bool {
	first := -1
	for _, w := range s.writes {
		switch {
		case w.asks() == 0 || w.n < e.From || e.Upto > 0 && w.n >= e.Upto:
		case !w.refused():
			return false
		case first < 0:
			first = w.n
		}
	}
	if first < 0 {
		return false
	}
	pre, ok := s.lastBefore(first)
	return ok && pre.String() == s.samples[s.sampleAt(end)].String()
}
