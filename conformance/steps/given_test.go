package steps

import (
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestADeviceAtRestIsReadOnce looks at what is asked of a Device that is at rest before it has
// anything to do: to be observed, and its state once.
func TestADeviceAtRestIsReadOnce(t *testing.T) {
	all, err := load(t).Select("", "")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, s := range all {
		if s.Steps[0].Text != "a Device in RFNOP" && s.Steps[0].Text != "a Device in RFNOP that has an update" {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			runs, err := Run(t.Context(), Config{Scenarios: []Scenario{s}, Target: newLamp()})
			if err != nil || runs[0].Skipped != "" {
				return
			}
			looked++
			reads, steps := 0, 0
			for _, o := range runs[0].Timeline.Observations {
				switch {
				case o.Kind == conformance.Step:
					steps++
				case steps == 1 && o.Kind == conformance.Request && o.Frame.Path == ocf.PathPstat && o.Frame.Observe == nil:
					reads++
				}
			}
			if reads != 1 {
				t.Errorf("%s reads pstat %d times before it begins", s.ID, reads)
			}
		})
	}
	if looked < 50 {
		t.Errorf("%d scenarios begin with a Device at rest", looked)
	}
}
