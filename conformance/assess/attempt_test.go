package assess

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestAttempts judges a scenario that was run several times: the worst attempt
// is the verdict, each is told, and where they differ it is flaky.
func TestAttempts(t *testing.T) {
	good := ran(t, "check", goodCheck, "SVV-6")
	bad := ran(t, "check", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")
	for i, run := range []*conformance.ScenarioRun{&good, &bad} {
		run.File = []string{"timelines/good.jsonl", "timelines/bad.jsonl"}[i]
	}
	for _, c := range []struct {
		name     string
		runs     []conformance.ScenarioRun
		verdict  conformance.Verdict
		attempt  int
		attempts int
		flaky    bool
		timeline string
	}{
		{"once", []conformance.ScenarioRun{good}, conformance.Pass, 0, 0, false, good.File},
		{"all good", []conformance.ScenarioRun{good, good}, conformance.Pass, 1, 2, false, good.File},
		{"the last is bad", []conformance.ScenarioRun{good, good, bad}, conformance.Fail, 3, 3, true, bad.File},
		{"the first is bad", []conformance.ScenarioRun{bad, good}, conformance.Fail, 1, 2, true, bad.File},
		{"bad ever after", []conformance.ScenarioRun{good, bad, bad}, conformance.Fail, 2, 3, true, bad.File},
		{"all bad", []conformance.ScenarioRun{bad, bad}, conformance.Fail, 1, 2, false, bad.File},
	} {
		r := Of(conformance.Profile{Supports: conformance.Supports{Validation: true}}, "ocf-1.0", c.runs)
		if len(r.Scenarios) != 1 {
			t.Fatalf("%s: %d scenarios, want one", c.name, len(r.Scenarios))
		}
		s := r.Scenarios[0]
		if s.Verdict != c.verdict || s.Attempt != c.attempt || len(s.Attempts) != c.attempts || s.Flaky != c.flaky || s.Timeline != c.timeline {
			t.Errorf("%s: %+v", c.name, s)
		}
		if want := float64(len(c.runs)); s.DurationS != want {
			t.Errorf("%s: %g s, want %g", c.name, s.DurationS, want)
		}
		row := rowOf(t, r, "SVV-6")
		if row.Verdict != c.verdict || len(row.Findings) != len(c.runs) {
			t.Errorf("%s: SVV-6 %+v", c.name, row)
		}
		if last := row.Findings[len(row.Findings)-1]; last.Attempt != c.attempts {
			t.Errorf("%s: the last finding is of attempt %d, want %d", c.name, last.Attempt, c.attempts)
		}
		each := s.Each()
		if len(each) != len(c.runs) {
			t.Fatalf("%s: %d attempts, want %d", c.name, len(each), len(c.runs))
		}
		for i, one := range each {
			if len(each) > 1 && one.Attempt != i+1 || one.Flaky {
				t.Errorf("%s: attempt %d alone is attempt %d, flaky %v", c.name, i+1, one.Attempt, one.Flaky)
			}
			if one.Timeline != c.runs[i].File || one.DurationS != 1 || one.Attempts != nil {
				t.Errorf("%s: attempt %d alone: %+v", c.name, i+1, one)
			}
		}
	}
}
