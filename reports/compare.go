package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// ChangeKind says how a verdict changed: for the worse, for the better, or
// otherwise.
type ChangeKind string

// The kinds of changes, in the order in which they are reported.
const (
	Regression ChangeKind = "regression" // worse than before; also a failure of something that was not judged before
	New        ChangeKind = "new"        // judged now but not before
	Gone       ChangeKind = "gone"       // judged before but not now
	Changed    ChangeKind = "changed"    // another verdict that is neither worse nor a fix
	Fix        ChangeKind = "fix"        // shown to be kept now
)

func changeKinds() []ChangeKind { return []ChangeKind{Regression, New, Gone, Changed, Fix} }

// Side is a verdict and what it is based on. The zero value means that there was no
// verdict.
type Side struct {
	Verdict  conformance.Verdict `json:"verdict,omitempty"`
	Reason   string              `json:"reason,omitempty"`
	Scenario string              `json:"scenario,omitempty"` // the one that decided on a requirement
	Want     string              `json:"want,omitempty"`
	Got      string              `json:"got,omitempty"`
	Flaky    bool                `json:"flaky,omitempty"`
}

// Change is a requirement, a scenario or a run whose verdict has changed.
type Change struct {
	Kind ChangeKind `json:"kind"`
	Of   string     `json:"of"` // requirement, scenario or run
	ID   string     `json:"id"`
	Was  Side       `json:"was"`
	Is   Side       `json:"is"`
}

// Comparison lists what changed between two reports.
type Comparison struct {
	Old, New assess.Report
	Changes  []Change // requirements first, in the order of the new report
	Same     int      // requirements that have the same verdict in both
}

// Regressed reports whether anything became worse.
func (c Comparison) Regressed() bool {
	return slices.ContainsFunc(c.Changes, func(c Change) bool { return c.Kind == Regression })
}

// Disjoint reports whether the two reports judge no requirement in common.
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

// sided is an id and its side.
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

// changes pairs two lists by id, and counts the ids whose verdict is the same.
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

// kindOf ranks verdicts from best to worst: pass; warn; then the ones that show
// neither that a requirement is kept nor that it is broken (inconclusive, waived,
// not-applicable); fail; error. A lower rank is a regression. That includes a fall
// to inconclusive, because what was shown before is no longer shown. A fix means
// that the requirement is now shown to be kept; a requirement that is waived or no
// longer judged is not fixed. If a requirement did not apply before and is judged
// now, that is a regression only if it is broken.
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

// Line returns a change as one line: "SVV-6 was pass, is fail in SCENARIO: reason".
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

// word is the verdict of a side in words.
func word(s Side) string {
	switch {
	case s.Verdict == conformance.None:
		return "not judged"
	case s.Flaky:
		return string(s.Verdict) + " (flaky)"
	}
	return string(s.Verdict)
}
