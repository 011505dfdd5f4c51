package sweep

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
)

// judged is a scenario that was played, and what the requirements make of it.
type judged struct {
	conformance.ScenarioRun
	passed []string // ids
	wrong  []string // what failed or warned, and why
}

func (j *judged) judge(p conformance.Profile, e *edition.Edition) {
	if j.ID == "" { // it was not played
		return
	}
	if j.Err != "" || j.Skipped != "" {
		j.wrong = append(j.wrong, j.Name+": "+j.Err+j.Skipped)
	}
	for _, q := range assess.Of(p, e.ID, []conformance.ScenarioRun{j.ScenarioRun}).Requirements {
		switch q.Verdict {
		case conformance.Pass:
			j.passed = append(j.passed, q.ID)
		case conformance.Fail, conformance.Warn:
			if q.Verdict == conformance.Warn && q.ID == "DPM-1" && int(e.Processes()) > e.DPMType.SchemaMax.Is {
				continue // the schema has no room for a bit that the edition defines
			}
			j.wrong = append(j.wrong, fmt.Sprintf("%s %s: %s", q.ID, q.Verdict, reason(q)))
		}
	}
}

// reason is why q has its verdict.
func reason(q assess.RequirementResult) string {
	for _, f := range q.Findings {
		if f.Verdict == q.Verdict {
			return f.Reason
		}
	}
	return q.Reason
}
