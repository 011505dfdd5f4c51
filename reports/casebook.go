package reports

import (
	"bufio"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// casebook writes the evidence of fails and errors as text.
type casebook struct {
	reportBook
	timelines Timelines
	rerun     Rerun
	short     bool // says nothing of what passed but that it did
}

// caseWidth is the width to which texts in junit.xml are laid out.
const caseWidth = 110

// scenario returns the evidence of what went wrong in s; it is empty if nothing did.
func (b casebook) scenario(s assess.ScenarioResult) string {
	if !bad(s.Verdict) || b.timelines == nil {
		return ""
	}
	tl, _ := load(s.Timeline, b.timelines)
	if len(tl.Observations) == 0 {
		return b.tell(nil, s.ID)
	}
	var faults []fault
	for _, x := range b.faults(s, attempt(b.findingsOf()[s.ID], s.Attempt), tl) {
		if x.Verdict == s.Verdict {
			faults = append(faults, x)
		}
	}
	return b.tell(faults, s.ID)
}

// requirement returns the evidence of the first finding that has the same verdict as
// r.
func (b casebook) requirement(r assess.RequirementResult) string {
	if !bad(r.Verdict) || b.timelines == nil {
		return ""
	}
	for _, f := range r.Findings {
		if f.Verdict != r.Verdict {
			continue
		}
		v := b.finding(r.ID, f)
		c := concern{ID: clean(r.ID), First: &v, scenario: clean(f.Scenario), attempt: f.Attempt}
		if x, ok := b.evidence(c, b.timelines); ok {
			return b.tell([]fault{x}, f.Scenario)
		}
		return b.tell(nil, f.Scenario)
	}
	return ""
}

func bad(v conformance.Verdict) bool {
	return v == conformance.Fail || v == conformance.Error || v == conformance.Warn
}

// tell writes the faults of a scenario one after another, and then the command to
// run it again.
func (b casebook) tell(faults []fault, scenario string) string {
	var out strings.Builder
	t := text{out: bufio.NewWriter(&out), style: Style{Width: caseWidth}}
	for _, x := range faults {
		t.line("")
		t.line(x.Name + ": " + string(x.Verdict))
		t.evidence(x)
	}
	if command := call(b.rerun, scenario); command != "" {
		t.line("    rerun      " + command)
	}
	_ = t.out.Flush() // a strings.Builder never fails
	return out.String()
}
