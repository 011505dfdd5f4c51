package steps

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
)

type sink struct{ io.Writer }

func (sink) Close() error { return nil }

// TestAgain runs a scenario as often as wanted, each attempt with its own
// timeline; it runs a scenario that does not apply only once.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenarios := append(first(t, plainCheck), first(t, heldCheck)...)
		var opened []string
		var places [][2]int
		runs, err := Run(t.Context(), Config{
			Scenarios: scenarios, Target: newLamp(),
			Open: func(s Scenario, attempt int) (io.WriteCloser, string, error) {
				name := fmt.Sprintf("%s %d", s.ID, attempt)
				opened = append(opened, name)
				return sink{io.Discard}, name, nil
			},
			Again: func(attempts []conformance.ScenarioRun) bool {
				return attempts[0].ID == plainCheck && len(attempts) < 3
			},
			Progress: func(p Progress) {
				if p.Moment == Begins {
					places = append(places, [2]int{p.N, p.Attempt})
				}
			},
		})
		if err != nil || len(runs) != 4 {
			t.Fatalf("%d runs, %v; want 4", len(runs), err)
		}
		for i, want := range []string{plainCheck + " 1", plainCheck + " 2", plainCheck + " 3", heldCheck + " 1"} {
			if opened[i] != want || runs[i].File != want || runs[i].Err != "" {
				t.Errorf("run %d: opened %q, file %q, error %q; want %q", i, opened[i], runs[i].File, runs[i].Err, want)
			}
		}
		if want := [][2]int{{1, 1}, {1, 2}, {1, 3}, {2, 1}}; fmt.Sprint(places) != fmt.Sprint(want) {
			t.Errorf("places %v, want %v", places, want)
		}

		none := newLamp()
		none.profile.Supports.Validation = false
		runs, _ = Run(t.Context(), Config{Scenarios: scenarios[:1], Target: none, Again: func([]conformance.ScenarioRun) bool { return true }})
		if len(runs) != 1 || runs[0].Skipped == "" {
			t.Errorf("what does not apply was run %d times", len(runs))
		}
	})
}
