package steps

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestSecuredFeatures runs every scenario against a secured Device that does as
// the seed says: all are run, none fails, and what only a secured Device shows
// is judged.
func TestSecuredFeatures(t *testing.T) {
	scenarios := load(t).Scenarios
	synctest.Test(t, func(t *testing.T) {
		target := &ownedLamp{lockedLamp()}
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %s%s", r.ID, r.Err, r.NotTestable)
			}
			if r.Skipped != "" && !strings.Contains(r.Skipped, "restart") && !strings.Contains(r.Skipped, "leaves dos") {
				t.Errorf("%s was skipped: %s", r.ID, r.Skipped)
			}
			for _, e := range r.Timeline.Expectations {
				if f := e.Check(r.Timeline); f.Verdict != conformance.Pass {
					t.Errorf("%s: %s: %q: want %s, got %s: %s", r.ID, e.Text, f.Verdict, f.Want, f.Got, f.Reason)
				}
			}
		}
		if target.renewed != 2 {
			t.Errorf("owned again %d times, want once for each reset", target.renewed)
		}
		report := conformance.Run{Target: target.profile, Scenarios: runs}.Assess()
		for _, q := range report.Requirements {
			if q.Verdict == conformance.Fail || q.Verdict == conformance.Error || q.Verdict == conformance.Inconclusive {
				t.Errorf("%s %s: %s %+v", q.ID, q.Verdict, q.Reason, q.Findings)
			}
		}
	})
}
