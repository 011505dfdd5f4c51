package explore

import (
	"testing"

	"github.com/ocfsim/ocfsim/fixtures"
)

// TestWalksFindWhatNoScenarioDoes asserts that there are deviations which are
// marked as passed over by the suite, and that none of them may be missed here:
// TestEveryDeviationIsFound walks on them as on any other.
func TestWalksFindWhatNoScenarioDoes(t *testing.T) {
	unfound := unfoundOnes(t)
	explored := 0
	for _, d := range fixtures.Deviations() {
		if !d.Explored {
			continue
		}
		explored++
		if why, listed := unfound[d.Name]; listed {
			t.Errorf("%s is for walks alone, which do not find it: %s", d.Name, why)
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			if res := walkOn(t, d, budgetWalks); len(res.Found) == 0 || res.Found[0].Flaky {
				t.Errorf("found %+v in %d walks", res.Found, res.Walks)
			}
		})
	}
	if explored < 3 {
		t.Errorf("%d deviations are for walks alone, want at least 3", explored)
	}
}
