package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

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
	full := run.Timeline.Full() >= 0
	if full { // before all else that is as bad: why it is so
		note(conformance.Inconclusive, "the Device sent more than a record has room for")
	}
	row.Checks = checked(run, judged)
	excuse(waivings, run.ID, judged, row.Checks)
	r.underRule(row.Checks, judged)
	for q := range judge.In(r.edition()) { // before the checks: a breach is named by its rule
		f, tagged := judged[q.ID], slices.Contains(run.Requirements, q.ID)
		if q.Excluded(r.Target) == "" && (tagged || f.Breach()) {
			note(f.Verdict, q.ID+": "+f.Reason)
		}
	}
	for i, f := range row.Checks {
		note(f.Verdict, run.Timeline.Expectations[i].Text+": "+f.Reason)
	}
	id, _, dead := death(run.Timeline)
	excused := dead && judged[id].Verdict == conformance.Waived // and with it, that nothing else was seen
	if run.NotTestable != "" && !excused {
		note(conformance.Inconclusive, notTestable(run.NotTestable))
	}
	switch reason := silent(run.Timeline); {
	case reason == "" || full || row.Verdict == conformance.Fail:
	case loss:
		note(conformance.Inconclusive, reason+", over a network that loses datagrams")
	default:
		note(conformance.Error, reason)
	}
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

// noRule ends the Reason of an expectation that was not met though no requirement is
// broken.
const noRule = "; no requirement is broken by it"

// WithoutRule reports whether f is an expectation of a scenario that was not met
// though no requirement is broken: there is something to look into, and no breach that
// could be named.
func WithoutRule(f conformance.Finding) bool {
	return f.Verdict == conformance.Inconclusive && strings.HasSuffix(f.Reason, noRule)
}

// underRule lowers what a scenario itself expects, and did not see, to what the
// requirements make of the same Timeline: a fail is one of a requirement. Where none
// is broken the scenario expects more than the edition says, or its judges see less
// than the scenario does; neither is a breach that could be named.
func (r Run) underRule(checks []conformance.Finding, judged map[string]conformance.Finding) {
	worst := conformance.None
	for q := range judge.In(r.edition()) {
		if f := judged[q.ID]; f.Breach() && q.Excluded(r.Target) == "" {
			worst = conformance.Worst(worst, f.Verdict)
		}
	}
	for i := range checks {
		f := &checks[i]
		switch {
		case f.Verdict != conformance.Fail || worst == conformance.Fail:
		case worst == conformance.Warn:
			f.Verdict = conformance.Warn
		default:
			f.Verdict = conformance.Inconclusive
			f.Reason += noRule
		}
	}
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
			restarts = restarts || o.Restarted()
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
