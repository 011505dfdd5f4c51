package assess

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Selection says how much of the suite a run was, where it was not the whole: because
// scenarios were selected, or because it ended early. What it passed is no pass of
// the suite.
type Selection struct {
	Scenarios      int `json:"scenarios"`              // that were run, or found not applicable
	OfScenarios    int `json:"of_scenarios,omitempty"` // that there are; 0 for unknown
	Requirements   int `json:"requirements"`           // that these scenarios speak of, or show something of
	OfRequirements int `json:"of_requirements"`
}

// String is how every report says it: "SELECTION: 7 of 264 scenarios, 16 of 51
// requirements".
func (s Selection) String() string {
	scenarios := fmt.Sprintf("%d of %d scenarios", s.Scenarios, s.OfScenarios)
	switch {
	case s.OfScenarios == 0 && s.Scenarios == 1:
		scenarios = "1 scenario"
	case s.OfScenarios == 0:
		scenarios = fmt.Sprintf("%d scenarios", s.Scenarios)
	}
	return fmt.Sprintf("SELECTION: %s, %d of %d requirements", scenarios, s.Requirements, s.OfRequirements)
}

// selection is how much of the suite r was; nil where it was the whole, and where
// nothing was run. exercised are the requirements that were spoken of.
func (r Run) selection(rows []ScenarioResult, exercised int) *Selection {
	n := len(rows)
	switch {
	case n == 0, r.Total > 0 && n >= r.Total, r.Total == 0 && !r.Partial:
		return nil
	}
	return &Selection{Scenarios: n, OfScenarios: r.Total, Requirements: exercised, OfRequirements: len(judge.Of(r.edition()))}
}
