package counter_test

import (
	"flag"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/counter"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

var (
	from = flag.Uint64("from", 0, "the first seed")
	runs = flag.Uint64("seeds", 20, "how many seeds, each of which is three runs")
	out  = flag.String("out", "", "folder for the results of the last run")
)

// TestCounterExam holds Devices drawn from seeds to scenarios drawn for them,
// over a clean network and two impaired ones: none of them fails.
func TestCounterExam(t *testing.T) {
	c, err := steps.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	urn, judged := counter.NewUrn(c.Scenarios), 0
	for seed := *from; seed < *from+*runs; seed++ {
		d, err := urn.Draw(seed)
		if err != nil {
			t.Fatal(err)
		}
		for n := range d.Networks {
			r, err := d.Run(n, *out)
			if err != nil {
				t.Logf("not judged: %v", err)
				continue
			}
			judged++
			for _, q := range r.Requirements {
				for _, f := range q.Findings {
					if f.Verdict == conformance.Fail {
						t.Errorf("%v, over %+v: %s %s: %s", d, d.Networks[n], q.ID, f.Scenario, f.Reason)
					}
				}
			}
			if i := slices.IndexFunc(r.Scenarios, func(s conformance.ScenarioResult) bool { return s.Verdict == conformance.Fail }); i >= 0 {
				t.Errorf("%v, over %+v: %s: %s", d, d.Networks[n], r.Scenarios[i].ID, r.Scenarios[i].Reason)
			}
		}
	}
	if judged == 0 {
		t.Error("nothing was judged")
	}
}
