package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// A scenario goes on where a condition can't be had, with whatever is on offer and
// without the gate. What it does not conclude for want of that is inconclusive, and
// says what to write so that it is concluded the next time.

// lacked are the conditions that were asked for in tl and could not be had.
func lacked(tl conformance.Timeline) []string {
	var all []string
	for i := range tl.Observations {
		o := &tl.Observations[i]
		if o.Kind == conformance.Condition && o.Outcome == conformance.Unsupported && !slices.Contains(all, o.Name) {
			all = append(all, o.Name)
		}
	}
	return all
}

// restless reports whether the Device was seen to begin a process by itself in a run
// in which nobody arranges what is on offer, or it is always the same: there nothing
// keeps the Device from beginning one at any time, be that declared or not.
func (r Run) restless() bool {
	unaided := len(r.Target.Always) > 0
	for _, run := range r.Scenarios {
		unaided = unaided || len(first(conformance.Offers(), lacked(run.Timeline))) > 0
	}
	return unaided && slices.ContainsFunc(r.Scenarios, func(run conformance.ScenarioRun) bool { return judge.Restless(run.Timeline) })
}

// Wanting are those of the conditions that could not be had, lacked, without which
// q is not concluded in a scenario that asks for them.
func Wanting(q judge.Requirement, lacked []string) []string {
	var needs []string
	switch bench := q.Needs.Bench; {
	case strings.HasPrefix(bench, "gate"):
		needs = []string{conformance.Hold}
	case bench == "report":
		needs = []string{conformance.ReportSource}
	}
	if q.Needs.Offer {
		needs = append(needs, conformance.Offers()...)
	}
	return first(needs, lacked)
}

// first are the first of needs that is among lacked, and nothing else.
func first(needs, lacked []string) []string {
	for _, c := range needs {
		if slices.Contains(lacked, c) {
			return []string{c}
		}
	}
	return nil
}

// inWant is f, what tl says of q, where f concludes nothing for want of a condition:
// then it is inconclusive and says what is to be written. Any other finding stays as
// it is.
func inWant(q judge.Requirement, f conformance.Finding, tl conformance.Timeline) conformance.Finding {
	missing := Wanting(q, lacked(tl))
	if f.Verdict == conformance.None && len(missing) > 0 {
		f.Verdict, f.Witness, f.Reason = conformance.Inconclusive, -1, "nothing to judge it by"
	}
	if f.Verdict != conformance.Inconclusive {
		return f
	}
	return inNeed(f, missing, tl.Header.Target)
}

// inNeed adds to f, which is inconclusive, what has to be written so that the
// missing conditions can be had, or why they can't.
func inNeed(f conformance.Finding, missing []string, p conformance.Profile) conformance.Finding {
	remedy, always := conformance.Remedy(missing...), p.AlwaysSays()
	switch {
	case remedy == "":
	case always != "" && slices.Contains(conformance.Offers(), missing[0]):
		f.Reason = fmt.Sprintf("%s; it takes %s, and %s", f.Reason, missing[0], always)
	default:
		f.Reason = fmt.Sprintf("%s; to test it: %s", f.Reason, remedy)
	}
	return f
}
