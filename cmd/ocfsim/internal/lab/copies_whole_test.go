//go:build !race

package lab_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
)

// Devices that share their scenarios are judged as one that runs them all is. In which
// scenarios a deviation shows hangs on what the Device did before.
func TestCopiesAreJudgedAsOne(t *testing.T) {
	few, err := lab.Few()
	if err != nil {
		t.Fatal(err)
	}
	specimens := []lab.Specimen{few[0], deviant(t, "isop-number")}
	for _, s := range specimens {
		t.Run(s.Name, func(t *testing.T) {
			alone, shared := runShared(t, s, 0), runShared(t, s, 3)
			if alone.Target.Devices != 0 || shared.Target.Devices != 4 {
				t.Errorf("%d Devices alone, %d side by side", alone.Target.Devices, shared.Target.Devices)
			}
			if len(alone.Scenarios) != len(shared.Scenarios) {
				t.Fatalf("%d scenarios alone, %d side by side", len(alone.Scenarios), len(shared.Scenarios))
			}
			for i, a := range alone.Scenarios {
				if b := shared.Scenarios[i]; a.ID != b.ID || a.Verdict != b.Verdict && s.Deviations == nil {
					t.Errorf("%s is %s alone, and %s is %s side by side: %s", a.ID, a.Verdict, b.ID, b.Verdict, b.Reason)
				}
			}
			for i, a := range alone.Requirements {
				if b := shared.Requirements[i]; a.ID != b.ID || a.Verdict != b.Verdict {
					t.Errorf("%s is %s alone, and %s is %s side by side", a.ID, a.Verdict, b.ID, b.Verdict)
				}
			}
			if shared.DurationS > alone.DurationS/2 {
				t.Errorf("four Devices take %.1f s of virtual time, and one %.1f s", shared.DurationS, alone.DurationS)
			}
		})
	}
}
