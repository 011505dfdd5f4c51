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
	Edition   string // its id; the Timelines are judged by it, whichever they were recorded under
	Target    conformance.Profile
	Identity  Identity
	Bench     *Bench    // nil: unknown
	Started   time.Time // zero: when the first Timeline began
	Scenarios []conformance.ScenarioRun
	Waivers   []Waiver
	Partial   bool    // scenarios were selected: requirements that none of them speaks of are left out
	Total     int     // how many scenarios there are to select from; 0: unknown, or no more than were run
	Memory    *Memory // of what was made of the Timelines before; nil: none
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
// datagram lost in one scenario makes the network lossy for all of them. An attempt that
// left something open because everybody was late gives way to one that passed later.
func (r Run) Assess() Report {
	r.Scenarios = r.renamed()
	report := r.head()
	waivings := r.waivings(report.Started)
	rows, judged, devices := r.rows(waivings)
	if len(devices) > 1 {
		report.Target.Devices = len(devices)
	}
	gives := r.givenWay(rows, judged)
	report.Scenarios = merged(rows, gives)
	exercised := 0
	for q := range judge.In(r.edition()) {
		row, spoken := r.requirement(q, rows, judged, gives)
		hides(waivings, &row)
		if spoken {
			exercised++
		}
		if spoken || !r.Partial {
			report.Requirements = append(report.Requirements, row)
			report.Counts[row.Verdict]++
			report.Verdict = conformance.Worst(report.Verdict, row.Verdict)
		}
	}
	report.Selection = r.selection(report.Scenarios, exercised)
	report.Measured = r.measured()
	if !r.Partial {
		report.Remarks = report.Measured.remarks()
	}
	report.Remarks = append(report.Remarks, r.asleep().remarks()...)
	report.conclude()
	var became []WaiverResult
	for _, w := range waivings {
		if len(r.Scenarios) > 0 {
			became = append(became, r.concluded(w))
		}
	}
	report.review(became)
	return report
}

// Rows are the scenarios of the Report that Assess makes of r. Who asks after each scenario
// needs no more, and this is a small part of the work.
func (r Run) Rows() []ScenarioResult {
	r.Scenarios = r.renamed()
	started, _ := r.span()
	rows, judged, _ := r.rows(r.waivings(started))
	return merged(rows, r.givenWay(rows, judged))
}

// rows are those of the attempts at all scenarios, what was judged of each, and what became
// of the Devices.
func (r Run) rows(waivings []*waiving) ([]ScenarioResult, []map[string]conformance.Finding, histories) {
	judged, loss := r.findings()
	r.corroborate(judged)
	for i, run := range r.Scenarios {
		waive(waivings, run.ID, judged[i])
	}
	rows := make([]ScenarioResult, len(r.Scenarios))
	devices := histories{}
	attempts := r.attempts()
	for i, run := range r.Scenarios {
		undecided(waivings, run, judged[i])
		rows[i] = r.scenario(run, judged[i], loss, waivings)
		rows[i].Attempt = attempts[i]
		of := devices.of(run)
		if why := of.who.meet(run.Timeline); why != "" {
			rows[i].Verdict, rows[i].Reason = conformance.Error, why
		}
		if why := of.dead.after(run); why != "" && rows[i].Verdict == conformance.Error {
			rows[i].Verdict, rows[i].Reason = conformance.Inconclusive, why
		}
	}
	return rows, judged, devices
}

// conclude makes the verdict of the run of those of its scenarios and requirements,
// and says why where it is none of theirs.
func (report *Report) conclude() {
	for _, s := range report.Scenarios {
		report.Verdict = conformance.Worst(report.Verdict, s.Verdict)
	}
	switch {
	case len(report.Scenarios) == 0:
		report.Verdict, report.Reason = conformance.Error, "no scenario ran"
	case report.fatal() != "":
		report.Reason = report.fatal()
	case report.Verdict == conformance.NotApplicable:
		report.Verdict, report.Reason = conformance.Inconclusive, "nothing was judged"
	case report.Verdict == conformance.Waived && report.Counts[conformance.Pass]+report.Counts[conformance.Warn] == 0:
		report.Verdict, report.Reason = conformance.Inconclusive, "nothing passed: all that was judged is waived"
	}
}

// judge is what the judges, by the id of the requirement, and the expectations
// of the scenario, by their key, say of each Timeline. loss says that the
// network is seen to lose datagrams in any of them.
func (r Run) findings() (judged []map[string]conformance.Finding, loss bool) {
	known := r.known()
	judged = make([]map[string]conformance.Finding, len(r.Scenarios))
	devices := histories{}
	for i, run := range r.Scenarios {
		if run.Skipped != "" {
			continue
		}
		of := devices.of(run)
		of.handover.Restless = known.Restless
		known.Left = of.left
		made := r.Memory.judge(run.Timeline, known)
		findings := made.Requirements
		of.left = made.Left
		for n, f := range made.Expectations {
			f.Scenario = run.ID
			if f.Verdict == conformance.Inconclusive {
				f = inNeed(f, first(conformance.Offers(), lacked(run.Timeline)), run.Timeline.Header.Target)
			}
			findings[key(run.Timeline.Expectations[n], n)] = f
		}
		if id, f, ok := death(run.Timeline); ok {
			findings[id] = f
		}
		for q := range judge.In(r.edition()) {
			if slices.Contains(run.Requirements, q.ID) && run.NotTestable == "" {
				findings[q.ID] = inWant(q, findings[q.ID], run.Timeline)
			}
		}
		judged[i] = findings
		of.met = append(of.met, i)
		for _, d := range of.handover.Meet(run.Timeline) {
			if n := of.met[d.Run]; judged[n][d.Requirement].Verdict != conformance.Fail {
				judged[n][d.Requirement] = r.timed(d.Finding, n)
			}
		}
	}
	return judged, known.Lossy
}

// known is what all Timelines together tell of the network and the Device.
func (r Run) known() judge.Known {
	lossy := slices.ContainsFunc(r.Scenarios, func(run conformance.ScenarioRun) bool { return run.Timeline.Lossy() })
	return judge.Known{Lossy: lossy, Restless: r.restless()}
}

// timed is f with the time of its witness in the run i.
func (r Run) timed(f conformance.Finding, i int) conformance.Finding {
	if all := r.Scenarios[i].Timeline.Observations; f.Witness >= 0 && f.Witness < len(all) {
		f.AtS = all[f.Witness].At.Seconds()
	}
	return f
}

// key tells e, the n-th expectation of its scenario, from requirements and
// from other expectations.
func key(e conformance.Expectation, n int) string { return fmt.Sprintf("%d %s", n, e.Text) }

// head is the report without its rows.
func (r Run) head() Report {
	report := Report{
		Schema: ReportSchema, Tool: r.Tool, Edition: r.Edition,
		Document: r.document(), EditionNotes: r.editionNotes(), Target: nameOf(r.Target, r.Identity), Declared: declared(r.Target), Bench: r.Bench,
		Counts:       map[conformance.Verdict]int{},
		Requirements: []RequirementResult{}, Scenarios: []ScenarioResult{}, Partial: r.Partial,
	}
	if report.Tool.Name == "" {
		report.Tool.Name = "ocfsim"
	}
	for _, v := range []conformance.Verdict{conformance.Pass, conformance.Warn, conformance.Fail, conformance.Inconclusive, conformance.NotApplicable, conformance.Error, conformance.Waived} {
		report.Counts[v] = 0
	}
	began, ended := r.span()
	report.Started, report.DurationS = began, max(0, ended.Sub(began).Seconds())
	return report
}

// span is when the first scenario of r began and when the last one ended.
func (r Run) span() (began, ended time.Time) {
	began, ended = r.Started, r.Started
	for _, run := range r.Scenarios {
		at := run.Timeline.Header.Started
		if at.IsZero() {
			continue
		}
		if began.IsZero() || at.Before(began) {
			began = at
		}
		if end := at.Add(run.Duration); end.After(ended) {
			ended = end
		}
	}
	return began, ended
}

// fatal names the first request that the Device died of, and the scenario; "" for none.
func (report *Report) fatal() string {
	diedOf := map[string]string{} // by scenario
	for _, row := range report.Requirements {
		for _, f := range row.Findings {
			if f.Verdict == conformance.Fail && strings.HasPrefix(f.Reason, DiedOf) && diedOf[f.Scenario] == "" {
				diedOf[f.Scenario] = f.Reason
			}
		}
	}
	for _, s := range report.Scenarios {
		if reason := diedOf[s.ID]; reason != "" {
			return reason + ", in " + s.ID
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
