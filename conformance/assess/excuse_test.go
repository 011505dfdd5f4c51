package assess

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhatExcusesAnExpectation: the first breach that is waived names the waiver;
// nothing is excused where none was, and nothing but a breach is.
func TestWhatExcusesAnExpectation(t *testing.T) {
	waived := func(at string, was conformance.Verdict) conformance.Finding {
		return conformance.Finding{Verdict: conformance.Waived, Waived: was, Waiver: at}
	}
	fail, pass := conformance.Finding{Verdict: conformance.Fail}, conformance.Finding{Verdict: conformance.Pass}
	named := func(at string) *waiving { return &waiving{Waiver: Waiver{Scenario: "s", At: at}} }
	for name, c := range map[string]struct {
		judged map[string]conformance.Finding
		all    []*waiving
		want   string // the waiver of the check that failed
		counts int    // how often the waivers that name the scenario were used
	}{
		"the first of two waivers":             {map[string]conformance.Finding{"SVV-1": waived("a", conformance.Fail), "SVV-6": waived("b", conformance.Fail)}, nil, "a", 0},
		"a warning excuses nothing":            {map[string]conformance.Finding{"SVV-1": waived("a", conformance.Warn)}, nil, "", 0},
		"a pass excuses nothing":               {map[string]conformance.Finding{"SVV-1": pass}, nil, "", 0},
		"a breach that nobody waived":          {map[string]conformance.Finding{"SVV-1": waived("a", conformance.Fail), "SVV-6": fail}, nil, "", 0},
		"the scenario is named":                {nil, []*waiving{named("n")}, "n", 1},
		"the scenario is named twice":          {nil, []*waiving{named("n"), named("m")}, "n", 1},
		"the scenario is named without need":   {map[string]conformance.Finding{"SVV-1": waived("a", conformance.Fail)}, []*waiving{named("n")}, "a", 0},
		"every scenario is, so none is named":  {nil, []*waiving{{Waiver: Waiver{At: "n"}}}, "", 0},
		"another scenario is named":            {nil, []*waiving{{Waiver: Waiver{Scenario: "x", At: "n"}}}, "", 0},
		"the waiver of the scenario has ended": {nil, []*waiving{{Waiver: Waiver{Scenario: "s", At: "n"}, expired: true}}, "", 0},
	} {
		checks := []conformance.Finding{pass, fail}
		excuse(c.all, "s", c.judged, checks)
		if checks[1].Waiver != c.want || (checks[1].Verdict == conformance.Waived) != (c.want != "") || c.want != "" && checks[1].Waived != conformance.Fail {
			t.Errorf("%s: %+v, want the waiver %q", name, checks[1], c.want)
		}
		if checks[0] != pass {
			t.Errorf("%s: the check that passed is %+v", name, checks[0])
		}
		counts := 0
		for _, w := range c.all {
			counts += w.waived
		}
		if counts != c.counts {
			t.Errorf("%s: the waivers were used %d times, want %d", name, counts, c.counts)
		}
	}
}

// TestAWaiverIsNotNeeded where a check of the scenario that it names passed: it
// says so of the first one, and of no scenario in which nothing passed.
func TestAWaiverIsNotNeeded(t *testing.T) {
	w := &waiving{Waiver: Waiver{Scenario: "s*"}}
	open := []conformance.Finding{{Verdict: conformance.Inconclusive}}
	kept := []conformance.Finding{{Verdict: conformance.Pass}}
	excuse([]*waiving{w}, "s0", nil, open)
	excuse([]*waiving{w}, "s0", nil, []conformance.Finding{{Verdict: conformance.Warn}})
	if w.passed != 0 || w.where != "" {
		t.Errorf("nothing passed: %d, %q", w.passed, w.where)
	}
	excuse([]*waiving{w}, "s1", nil, kept)
	excuse([]*waiving{w}, "s2", nil, kept)
	if w.passed != 2 || w.where != "s1" {
		t.Errorf("%d, %q, want 2, s1", w.passed, w.where)
	}
}
