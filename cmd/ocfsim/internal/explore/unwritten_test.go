package explore

import (
	"testing"

	"github.com/ocfsim/ocfsim/fixtures"
)

// TestWalksFindWhatNoScenarioDoes asserts that there are deviations which are
// marked as passed over by the suite, and that walks are held to each of them:
// TestEveryDeviationIsFound takes the walks.
func TestWalksFindWhatNoScenarioDoes(t *testing.T) {
	found := foundOnes(t)
	explored := 0
	for _, d := range fixtures.Deviations() {
		if !d.Explored {
			continue
		}
		explored++
		if found[d.Name] == "" {
			t.Errorf("%s is for walks alone, and not in testdata/found", d.Name)
		}
	}
	if explored == 0 {
		t.Error("no deviation is for walks alone")
	}
}
