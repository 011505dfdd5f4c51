package assess

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// ReportSchema is the schema of results.json.
const ReportSchema = "ocfsim.results/1"

// Run is what was done with one target. Runs of the same scenario are attempts
// at it, in their order.
type Run struct {
	Tool      Tool
	Edition   string
	Target    conformance.Profile
	Started   time.Time // zero: when the first Timeline began
	Scenarios []conformance.ScenarioRun
	Waivers   []Waiver
	Partial   bool // scenarios were selected: requirements that none of them speaks of are left out
}

// Of judges all scenarios run against target by all requirements.
func Of(target conformance.Profile, edition string, runs []conformance.ScenarioRun) Report {
	return Run{Edition: edition, Target: target, Scenarios: runs}.Assess()
}

// Assess judges r: every requirement looks at every Timeline. A requirement's
// verdict is the worst that was found of it; what stayed inconclusive counts
// only in the scenarios that are tagged with it. A scenario's verdict is the
// worst of its own expectations, of its tagged requirements, and of any other
// breach on its Timeline. Nothing concluded is inconclusive, never a pass. A
// datagram lost in one scenario makes the network lossy for all of them.
func (r Run) Assess() Report {
	report := r.head()
	judged, loss := r.findings()
	r.corroborate(judged)
	rows := make([]ScenarioResult, len(r.Scenarios))
	waivings := r.waivings(report.Started)
	var met acquaintance
	var dead grave
	for i, run := range r.Scenarios {
		waive(waivings, run.ID, judged[i])
		rows[i] = r.scenario(run, judged[i], loss, waivings)
		if why := met.meet(run.Timeline); why != "" {
			rows[i].Verdict, rows[i].Reason = conformance.Error, why
		}
		if why := dead.after(run); why != "" && rows[i].Verdict == conformance.Error {
			rows[i].Verdict, rows[i].Reason = conformance.Inconclusive, why
		}
	}
	report.Scenarios = merged(rows)
	for _, q := range judge.Requirements() {
		if row, ok := r.requirement(q, rows, judged); ok {
			report.Requirements = append(report.Requirements, row)
			report.Counts[row.Verdict]++
			report.Verdict = conformance.Worst(report.Verdict, row.Verdict)
		}
	}
	for _, s := range report.Scenarios {
		report.Verdict = conformance.Worst(report.Verdict, s.Verdict)
	}
	switch {
	case len(r.Scenarios) == 0:
		report.Verdict, report.Reason = conformance.Error, "no scenario ran"
	case fatal(report.Requirements) != "":
		report.Reason = fatal(report.Requirements)
	case report.Verdict == conformance.None || report.Verdict == conformance.NotApplicable:
		report.Verdict, report.Reason = conformance.Inconclusive, "nothing was judged"
	case report.Verdict == conformance.Waived && report.Counts[conformance.Pass]+report.Counts[conformance.Warn] == 0:
		report.Verdict, report.Reason = conformance.Inconclusive, "nothing passed: all that was judged is waived"
	}
	var became []WaiverResult
	for _, w := range waivings {
		if len(r.Scenarios) > 0 {
			became = append(became, r.concluded(w))
		}
	}
	report.review(became)
	return report
}

// judge is what the judges, by the id of the requirement, and the expectations
// of the scenario, by their key, say of each Timeline. loss says that the
// network is seen to lose datagrams in any of them.
func (r Run) findings() (judged []map[string]conformance.Finding, loss bool) {
	loss = slices.ContainsFunc(r.Scenarios, func(run conformance.ScenarioRun) bool { return run.Timeline.Lossy() })
	known := judge.Known{Lossy: loss, Restless: r.restless()}
	judged = make([]map[string]conformance.Finding, len(r.Scenarios))
	for i, run := range r.Scenarios {
		if run.Skipped != "" {
			continue
		}
		findings, checks := judge.Scenario(run.Timeline, known)
		for n, f := range checks {
			f.Scenario = run.ID
			if f.Verdict == conformance.Inconclusive {
				f = inNeed(f, first(conformance.Offers(), lacked(run.Timeline)), run.Timeline.Header.Target)
			}
			findings[key(run.Timeline.Expectations[n], n)] = f
		}
		if id, f, ok := death(run.Timeline); ok {
			findings[id] = f
		}
		for _, q := range judge.Requirements() {
			if slices.Contains(run.Requirements, q.ID) && run.NotTestable == "" {
				findings[q.ID] = inWant(q, findings[q.ID], run.Timeline)
			}
		}
		judged[i] = findings
	}
	return judged, loss
}

// key tells e, the n-th expectation of its scenario, from requirements and
// from other expectations.
func key(e conformance.Expectation, n int) string { return fmt.Sprintf("%d %s", n, e.Text) }

// head is the report without its rows.
func (r Run) head() Report {
	report := Report{
		Schema: ReportSchema, Tool: r.Tool, Edition: r.Edition, Started: r.Started,
		Target:       nameOf(r.Target),
		Counts:       map[conformance.Verdict]int{},
		Requirements: []RequirementResult{}, Scenarios: []ScenarioResult{}, Partial: r.Partial,
	}
	if report.Tool.Name == "" {
		report.Tool.Name = "ocfsim"
	}
	for _, v := range []conformance.Verdict{conformance.Pass, conformance.Warn, conformance.Fail, conformance.Inconclusive, conformance.NotApplicable, conformance.Error, conformance.Waived} {
		report.Counts[v] = 0
	}
	ended := r.Started
	for _, run := range r.Scenarios {
		began := run.Timeline.Header.Started
		if began.IsZero() {
			continue
		}
		if report.Started.IsZero() || began.Before(report.Started) {
			report.Started = began
		}
		if end := began.Add(run.Duration); end.After(ended) {
			ended = end
		}
	}
	report.DurationS = max(0, ended.Sub(report.Started).Seconds())
	return report
}

// scenario is the row of run. loss says that the network is known to lose
// datagrams: then a Device that falls silent may be there.
func (r Run) scenario(run conformance.ScenarioRun, judged map[string]conformance.Finding, loss bool, waivings []*waiving) ScenarioResult {
	row := ScenarioResult{
		ID: run.ID, Name: run.Name, Feature: run.Feature, Tags: nonNil(run.Tags),
		Requirements: nonNil(run.Requirements), DurationS: run.Duration.Seconds(), Timeline: run.File,
	}
	if run.Skipped != "" {
		row.Verdict, row.Reason = conformance.NotApplicable, run.Skipped
		return row
	}
	note := func(v conformance.Verdict, reason string) {
		if conformance.Worst(row.Verdict, v) != row.Verdict {
			row.Verdict, row.Reason = v, reason
		}
	}
	row.Checks = checked(run, judged)
	excuse(waivings, run.ID, judged, row.Checks)
	for i, f := range row.Checks {
		note(f.Verdict, run.Timeline.Expectations[i].Text+": "+f.Reason)
	}
	for _, q := range judge.Requirements() {
		f, tagged := judged[q.ID], slices.Contains(run.Requirements, q.ID)
		if tagged && q.Excluded(r.Target) == "" || f.Breach() {
			note(f.Verdict, q.ID+": "+f.Reason)
		}
	}
	if run.NotTestable != "" {
		note(conformance.Inconclusive, notTestable(run.NotTestable))
	}
	switch reason := silent(run.Timeline); {
	case reason == "" || row.Verdict == conformance.Fail:
	case loss:
		note(conformance.Inconclusive, reason+", over a network that loses datagrams")
	default:
		note(conformance.Error, reason)
	}
	_, _, dead := death(run.Timeline)
	if run.Err != "" && !dead { // a Device that is dead answers nothing, and can't be cleaned up after
		note(conformance.Error, run.Err)
	}
	if reason := flaw(run.Timeline); reason != "" {
		note(conformance.Error, reason)
	}
	if row.Verdict == conformance.None {
		row.Verdict, row.Reason = conformance.Inconclusive, unconcluded(row.Checks)
	}
	if row.Verdict == conformance.Pass {
		row.Reason = ""
	}
	return row
}

// checked are the outcomes of what a scenario itself expects.
func checked(run conformance.ScenarioRun, judged map[string]conformance.Finding) []conformance.Finding {
	var all []conformance.Finding
	for n, e := range run.Timeline.Expectations {
		all = append(all, judged[key(e, n)])
	}
	return all
}

// fatal names the first request that the Device died of, and the scenario; "" for none.
func fatal(rows []RequirementResult) string {
	for _, row := range rows {
		for _, f := range row.Findings {
			if f.Verdict == conformance.Fail && strings.HasPrefix(f.Reason, DiedOf) {
				return f.Reason + ", in " + f.Scenario
			}
		}
	}
	return ""
}

// unconcluded says why a scenario without any verdict is inconclusive.
func unconcluded(checks []conformance.Finding) string {
	for _, f := range checks {
		if f.Reason != "" {
			return "nothing was concluded; " + f.Reason
		}
	}
	return "nothing was concluded"
}

func notTestable(reason string) string {
	if strings.HasPrefix(reason, "not testable: ") {
		return reason
	}
	return "not testable: " + reason
}

// requirement is the row of q; ok is false where it is left out.
func (r Run) requirement(q judge.Requirement, rows []ScenarioResult, judged []map[string]conformance.Finding) (row RequirementResult, ok bool) {
	row = RequirementResult{ID: q.ID, Level: q.Level, Findings: []conformance.Finding{}}
	row.Reason = q.Excluded(r.Target)
	exercised := false
	why := ""
	attempts := r.attempts()
	for i, run := range r.Scenarios {
		tagged := slices.Contains(run.Requirements, q.ID)
		exercised = exercised || tagged
		if row.Reason != "" {
			continue
		}
		f := r.finding(run, rows[i], judged[i][q.ID], tagged)
		if f.Verdict == conformance.None && tagged && f.Reason == "" {
			why = "scenario " + run.ID + " speaks of it, but its Timeline holds nothing to judge it by"
		}
		if f.Verdict != conformance.None {
			f.Scenario, f.Attempt = run.ID, attempts[i]
			row.Findings = append(row.Findings, f)
			row.Verdict = conformance.Worst(row.Verdict, f.Verdict)
		}
	}
	switch {
	case row.Reason != "":
		row.Verdict = conformance.NotApplicable
	case row.Verdict == conformance.None && q.Unexercised(r.Target) != "":
		row.Verdict, row.Reason = conformance.NotApplicable, q.Unexercised(r.Target)
	case row.Verdict == conformance.None && why != "":
		row.Verdict, row.Reason = conformance.Inconclusive, why
	case row.Verdict == conformance.None:
		row.Verdict, row.Reason = conformance.Inconclusive, "never exercised"
	case row.Verdict == conformance.Inconclusive || row.Verdict == conformance.NotApplicable || row.Verdict == conformance.Error || row.Verdict == conformance.Waived:
		row.Reason = reasonOf(row.Findings, row.Verdict)
	}
	return row, exercised || !r.Partial || len(row.Findings) > 0
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

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// silent says that the target could not be reached: it never answered, or it
// stopped answering and did not come back, though no restart explains it.
func silent(tl conformance.Timeline) string {
	answered, gone := -1, -1
	restarts := tl.Header.Target.Update.Reboots
	for i := range tl.Observations {
		o := &tl.Observations[i]
		switch o.Kind {
		case conformance.Response, conformance.Notification:
			answered, gone = i, -1
		case conformance.Lost:
			switch {
			case o.Gone():
				answered, gone = i, -1 // the Device took a new session
			case tl.Unanswered(i):
				gone = i
			}
		case conformance.Condition:
			restarts = restarts || o.Name == conformance.Reboot && o.Outcome == conformance.Done
		}
	}
	switch {
	case gone < 0:
		return ""
	case answered < 0:
		return "target unreachable: no request was answered"
	}
	since := tl.Observations[answered].At
	if restarts && tl.Observations[gone].At-since <= tl.Header.Target.Timing.Reboot {
		return ""
	}
	return fmt.Sprintf("target unreachable: it answered nothing after %.3gs", since.Seconds())
}

// ExitCode is that of the contract: 4 for an error, 1 for a fail, 3 for
// something inconclusive, 0 where everything applicable passed.
func (r Report) ExitCode() int {
	switch r.Verdict {
	case conformance.Pass, conformance.Warn, conformance.Waived:
		return 0
	case conformance.Fail:
		return 1
	case conformance.Inconclusive:
		return 3
	}
	return 4
}
