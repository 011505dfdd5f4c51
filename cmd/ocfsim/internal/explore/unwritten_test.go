package explore

import (
	"testing"

	"github.com/ocfsim/ocfsim/fixtures"
)

// TestWalksFindWhatNoScenarioDoes checks that there are deviations which no scenario of
// the suite catches (they are marked as such), and that testdata/found has a walk for
// each of them. TestEveryDeviationIsFound takes these walks.
func TestWalksFindWhatNoScenarioDoes(t *testing.T) {
	found := foundOnes(t)
	explored := 0
	for _, d := range fixtures.Deviations() {
		if !d.Explored {
			continue
		}
		explored++
		if found[d.Name] == "" {
			t.Errorf("no scenario catches %s, and testdata/found has no walk for it", d.Name)
		}
	}
	if explored == 0 {
		t.Error("no deviation is marked as one that only walks find")
	}
}
