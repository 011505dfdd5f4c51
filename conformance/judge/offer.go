package judge

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// unarranged is the offer that a scenario wanted before n, and that nobody could
// arrange: it went on with whatever was there. It is "" where there is none.
func (s *story) unarranged(n int) string {
	wanted := ""
	for _, o := range s.tl.Observations[:max(0, min(n, len(s.tl.Observations)))] {
		if o.Kind != conformance.Condition || !slices.Contains(conformance.Offers(), o.Name) {
			continue
		}
		switch o.Outcome {
		case conformance.Done:
			wanted = ""
		case conformance.Unsupported:
			wanted = o.Name
		}
	}
	return wanted
}

// learned is what was on offer when n came by the Device's own results, of
// undisturbed processes earlier in the run. It is "" where that is not known.
func (s *story) learned(n int) string {
	for i := min(n, len(s.tl.Observations)) - 1; i >= 0; i-- {
		if o := &s.tl.Observations[i]; o.Kind == conformance.Condition && o.Outcome == conformance.Learned {
			return o.Name
		}
	}
	return ""
}

// whateverIsOffered is what can be said of e, of which f is the finding, where nobody
// arranged what was on offer: a breach stands only if no result that the Device could have
// found explains it. A scenario that wanted an update is content with any result;
// one that wanted none, or a failure, was not about what was seen.
func (s *story) whateverIsOffered(e conformance.Expectation, f conformance.Finding) conformance.Finding {
	wanted := s.unarranged(e.From)
	if f.Verdict == conformance.Pass || e.Form == conformance.NeverDuring || still(e) || wanted == "" {
		return f
	}
	wide := e
	wide.Rows = slices.Clone(e.Rows)
	for i := range wide.Rows {
		wide.Rows[i].CM = anyResult(wide.Rows[i].CM)
	}
	switch any := check(wide, s); {
	case any.Verdict == conformance.Fail:
		any.Want = f.Want
		return any
	case wanted == conformance.UpdateAvailable:
		any.Reason += ", whatever is on offer"
		return any
	case f.Verdict == conformance.Fail:
		f.Verdict, f.Reason = conformance.Inconclusive, "what was on offer was not arranged: "+f.Reason
	}
	return f
}

// anyResult is a cell of cm that has V and U, or does not.
func anyResult(cell string) string {
	if cell = strings.TrimSpace(cell); cell == "*" || cell == "" {
		return "*"
	}
	parts := []string{"V?", "U?"}
	for part := range strings.SplitSeq(cell, "+") {
		if !slices.Contains([]string{"", "-", "V", "V?", "U", "U?"}, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "+")
}
