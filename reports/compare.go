package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// ChangeKind says whether a verdict became worse, better, or another.
type ChangeKind string

// The kinds of a change, in the order in which they are told.
const (
	Regression ChangeKind = "regression" // worse; also what fails and was not judged before
	New        ChangeKind = "new"        // judged now, and not before
	Gone       ChangeKind = "gone"       // judged before, and not now
	Changed    ChangeKind = "changed"    // another verdict, neither worse nor kept now
	Fix        ChangeKind = "fix"        // kept now
)

func changeKinds() []ChangeKind { return []ChangeKind{Regression, New, Gone, Changed, Fix} }

// Side is a verdict with what it rests on. The zero value says that there was
// none.
type Side struct {
	Verdict  conformance.Verdict `json:"verdict,omitempty"`
	Reason   string              `json:"reason,omitempty"`
	Scenario string              `json:"scenario,omitempty"` // that decided on a requirement
	Want     string              `json:"want,omitempty"`
	Got      string              `json:"got,omitempty"`
	Flaky    bool                `json:"flaky,omitempty"`
}

// Change is a requirement, a scenario or a run whose verdict is another.
type Change struct {
	Kind ChangeKind `json:"kind"`
	Of   string     `json:"of"` // requirement, scenario or run
	ID   string     `json:"id"`
	Was  Side       `json:"was"`
	Is   Side       `json:"is"`
}

// Comparison is what changed between two reports.
type Comparison struct {
	Old, New assess.Report
	Changes  []Change // requirements first, in the order of the new report
	Same     int      // requirements that both judge alike
}

// Regressed reports whether anything became worse.
func (c Comparison) Regressed() bool {
	return slices.ContainsFunc(c.Changes, func(c Change) bool { return c.Kind == Regression })
}

// Disjoint reports whether the two judge no requirement in common.
func (c Comparison) Disjoint() bool {
	return !slices.ContainsFunc(c.New.Requirements, func(q assess.RequirementResult) bool {
		return slices.ContainsFunc(c.Old.Requirements, func(o assess.RequirementResult) bool { return o.ID == q.ID })
	})
}

// Compare lists what changed from one report to another.
func Compare(from, to assess.Report) Comparison {
	from, to = complete(from), complete(to)
	c := Comparison{Old: from, New: to}
	c.Changes, c.Same = changes("requirement", requirementSides(from), requirementSides(to))
	scenarios, _ := changes("scenario", scenarioSides(from), scenarioSides(to))
	c.Changes = append(c.Changes, scenarios...)
	if was, is := (Side{Verdict: from.Verdict, Reason: from.Reason}), (Side{Verdict: to.Verdict, Reason: to.Reason}); was.Verdict != is.Verdict {
		kind := Changed
		if is.Verdict == conformance.Error {
			kind = Regression
		}
		c.Changes = append(c.Changes, Change{Kind: kind, Of: "run", ID: to.Target.Name, Was: was, Is: is})
	}
	return c
}

// sided is an id with its side.
type sided struct {
	id string
	Side
}

func requirementSides(rep assess.Report) []sided {
	var all []sided
	for _, q := range rep.Requirements {
		s := Side{Verdict: q.Verdict, Reason: q.Reason}
		for _, f := range q.Findings {
			if f.Verdict == q.Verdict {
				s.Scenario, s.Want, s.Got, s.Reason = f.Scenario, f.Want, f.Got, cmp.Or(f.Reason, q.Reason)
				break
			}
		}
		all = append(all, sided{q.ID, s})
	}
	return all
}

func scenarioSides(rep assess.Report) []sided {
	var all []sided
	for _, s := range rep.Scenarios {
		all = append(all, sided{s.ID, Side{Verdict: s.Verdict, Reason: s.Reason, Flaky: s.Flaky}})
	}
	return all
}

// changes pairs two lists by id, and counts what stayed as it was.
func changes(of string, from, to []sided) (all []Change, same int) {
	before := map[string]Side{}
	for _, s := range from {
		before[s.id] = s.Side
	}
	after := map[string]bool{}
	for _, s := range to {
		after[s.id] = true
		was := before[s.id]
		if was.Verdict == s.Verdict && was.Flaky == s.Flaky {
			same++
			continue
		}
		all = append(all, Change{Kind: kindOf(was.Verdict, s.Verdict), Of: of, ID: s.id, Was: was, Is: s.Side})
	}
	for _, s := range from {
		if !after[s.id] {
			all = append(all, Change{Kind: Gone, Of: of, ID: s.id, Was: s.Side})
		}
	}
	return all, same
}

// kindOf orders verdicts as pass, warn, then what shows neither kept nor broken
// (inconclusive, waived, not-applicable), fail, error. To fall back is a
// regression, to inconclusive as well: what was shown is shown no more. A fix is
// shown to be kept; what is waived or no longer judged is not fixed. What did
// not apply and is now judged is no regression unless it is broken.
func kindOf(was, is conformance.Verdict) ChangeKind {
	level := func(v conformance.Verdict) int {
		switch v {
		case conformance.Pass:
			return 0
		case conformance.Warn:
			return 1
		case conformance.Fail:
			return 3
		case conformance.Error:
			return 4
		}
		return 2
	}
	switch {
	case was == conformance.None && level(is) < 3:
		return New
	case was == conformance.None:
		return Regression
	case level(is) > level(was):
		return Regression
	case level(is) < level(was) && level(is) < 2 && was != conformance.NotApplicable:
		return Fix
	}
	return Changed
}

// Line is a change in a line: "SVV-6 was pass, is fail in SCENARIO: reason".
func (c Change) Line() string {
	var b strings.Builder
	b.WriteString(clean(c.ID) + " was " + word(c.Was) + ", is " + word(c.Is))
	if c.Is.Scenario != "" {
		b.WriteString(" in " + clean(c.Is.Scenario))
	}
	reason := c.Is.Reason
	if reason == "" && c.Is.Verdict == conformance.Pass {
		reason = c.Was.Reason
	}
	if reason != "" {
		b.WriteString(": " + clean(reason))
	}
	return b.String()
}

// word names the verdict of a side.
func word(s Side) string {
	switch {
	case s.Verdict == conformance.None:
		return "not judged"
	case s.Flaky:
		return string(s.Verdict) + " (flaky)"
	}
	return string(s.Verdict)
}
