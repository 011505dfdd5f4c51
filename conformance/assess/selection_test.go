package assess

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestSelectionOfARun wants every run that was not the whole suite to say how much of
// it it was, whatever the reason.
func TestSelectionOfARun(t *testing.T) {
	runs := []conformance.ScenarioRun{ran(t, "one", goodCheck, "SVV-6"), ran(t, "two", goodCheck, "SVV-8")}
	for _, c := range []struct {
		name string
		run  Run
		want string // "" for the whole
	}{
		{"the whole", Run{Scenarios: runs, Total: 2}, ""},
		{"the whole, and nobody says of how many", Run{Scenarios: runs}, ""},
		{"all that there is was selected", Run{Scenarios: runs, Partial: true, Total: 2}, ""},
		{"a selection", Run{Scenarios: runs, Partial: true, Total: 264}, "SELECTION: 2 of 264 scenarios, "},
		{"attempts at one scenario are one", Run{Scenarios: append(runs, runs[1]), Partial: true, Total: 264}, "SELECTION: 2 of 264 scenarios, "},
		{"the run ended early", Run{Scenarios: runs, Total: 264}, "SELECTION: 2 of 264 scenarios, "},
		{"a selection, and nobody says of how many", Run{Scenarios: runs, Partial: true}, "SELECTION: 2 scenarios, "},
		{"one of nobody says how many", Run{Scenarios: runs[:1], Partial: true}, "SELECTION: 1 scenario, "},
		{"nothing was run", Run{Total: 264}, ""},
	} {
		c.run.Target = defaults
		rep := c.run.Assess()
		if c.want == "" {
			if rep.Selection != nil {
				t.Errorf("%s: %v", c.name, rep.Selection)
			}
			continue
		}
		spoken := 0
		for _, q := range rep.Requirements {
			if len(q.Findings) > 0 || q.ID == "SVV-6" || q.ID == "SVV-8" {
				spoken++
			}
		}
		want := c.want + Selection{Requirements: spoken, OfRequirements: len(judge.Requirements())}.String()[len("SELECTION: 0 scenarios, "):]
		if rep.Selection == nil || rep.Selection.String() != want {
			t.Errorf("%s: %v, want %s", c.name, rep.Selection, want)
		}
	}
}
