package steps

import (
	"os"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestFeatures runs every scenario against a Device that does as the seed says.
func TestFeatures(t *testing.T) {
	cat, err := Load(os.DirFS("../../features"), judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		runs, err := Run(t.Context(), Config{Scenarios: cat.Scenarios, Target: newLamp()})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %s%s", r.ID, r.Err, r.NotTestable)
			}
			found := judge.Scenario(r.Timeline, judge.Known{}).Expectations
			for n, e := range r.Timeline.Expectations {
				if f := found[n]; f.Verdict != conformance.Pass {
					t.Errorf("%s: %s: %q: want %s, got %s: %s", r.ID, e.Text, f.Verdict, f.Want, f.Got, f.Reason)
				}
			}
		}
	})
}
