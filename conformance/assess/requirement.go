package assess

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// requirement is the row of q; spoken is false where no scenario speaks of it or
// shows anything of it. The findings of the scenarios that are tagged with it come first:
// they were written to show it, and show it best. Of a run that gives way to a later attempt
// counts only what passed.
func (r Run) requirement(q judge.Requirement, rows []ScenarioResult, judged []map[string]conformance.Finding, gives []bool) (row RequirementResult, spoken bool) {
	row = RequirementResult{ID: q.ID, Level: q.Level, Source: sources()[q.ID]}
	own, others := []conformance.Finding{}, []conformance.Finding{}
	row.Reason = q.Excluded(r.Target)
	exercised := false
	why := ""
	for i, run := range r.Scenarios {
		tagged := slices.Contains(run.Requirements, q.ID)
		exercised = exercised || tagged
		if row.Reason != "" || gives[i] && judged[i][q.ID].Verdict != conformance.Pass {
			continue
		}
		f := r.finding(run, rows[i], judged[i][q.ID], tagged)
		if f.Verdict == conformance.None && tagged && f.Reason == "" {
			why = "scenario " + run.ID + " speaks of it, but its Timeline holds nothing to judge it by"
		}
		if f.Verdict == conformance.None {
			continue
		}
		f.Scenario, f.Attempt = run.ID, rows[i].Attempt
		if tagged {
			own = append(own, f)
		} else {
			others = append(others, f)
		}
		row.Verdict = worst(q, row.Verdict, f.Verdict)
	}
	row.Findings = append(own, others...)
	switch {
	case row.Reason != "":
		row.Verdict = conformance.NotApplicable
	case row.Verdict == conformance.None && q.Unexercised(r.Target) != "":
		row.Verdict, row.Reason = conformance.NotApplicable, q.Unexercised(r.Target)
	case why != "" && (row.Verdict == conformance.None || row.Verdict == conformance.NotApplicable): // another scenario that is not applicable excuses nothing
		row.Verdict, row.Reason = conformance.Inconclusive, why
	case row.Verdict == conformance.None:
		row.Verdict, row.Reason = conformance.Inconclusive, "never exercised"
	case row.Verdict == conformance.Inconclusive || row.Verdict == conformance.NotApplicable || row.Verdict == conformance.Error || row.Verdict == conformance.Waived:
		row.Reason = reasonOf(row.Findings, row.Verdict)
	}
	return row, exercised || len(row.Findings) > 0
}

// worst is the verdict that prevails of a and b, two findings of q. Where a breach of q yields
// a warning and no more, such a breach decides, waived or not: nothing worse can come of
// what another scenario left open (docs/adr/0004).
func worst(q judge.Requirement, a, b conformance.Verdict) conformance.Verdict {
	breach := func(v conformance.Verdict) bool { return v == conformance.Warn || v == conformance.Waived }
	switch {
	case q.Severity != conformance.Warn:
	case a == conformance.Inconclusive && breach(b):
		return b
	case b == conformance.Inconclusive && breach(a):
		return a
	}
	return conformance.Worst(a, b)
}

// finding is what run says of a requirement, f being its judge's conclusion.
func (r Run) finding(run conformance.ScenarioRun, row ScenarioResult, f conformance.Finding, tagged bool) conformance.Finding {
	switch {
	case f.Breach():
		return f
	case run.Skipped != "" && tagged:
		return conformance.Finding{Verdict: conformance.NotApplicable, Reason: run.Skipped, Witness: -1}
	case row.Verdict == conformance.Error && tagged:
		return conformance.Finding{Verdict: conformance.Error, Reason: row.Reason, Witness: -1}
	case run.NotTestable != "" && tagged && f.Verdict != conformance.Pass:
		return conformance.Finding{Verdict: conformance.Inconclusive, Reason: notTestable(run.NotTestable), Witness: -1}
	case !tagged && f.Verdict != conformance.Pass:
		return conformance.Finding{}
	}
	return f
}

func reasonOf(findings []conformance.Finding, v conformance.Verdict) string {
	for _, f := range findings {
		if f.Verdict == v {
			return f.Reason
		}
	}
	return ""
}
