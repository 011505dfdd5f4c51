package assess

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// On a machine with too much to do, and over a slow network, everybody stands still now and
// then, and what a Device does meanwhile may begin and end without anybody seeing it. An
// attempt at a scenario that shows nothing either way for that is made again. It gives way
// to a later attempt that passed (docs/adr/0152): it has no breach that this would hide.

// Late reports whether the last of r's runs, which are attempts at one scenario, left
// something open and had so slow answers that this may be why: another attempt may tell.
func (r Run) Late() bool {
	if !slow(r.Scenarios[len(r.Scenarios)-1].Timeline) {
		return false
	}
	r.Scenarios = r.renamed()
	rows, judged, _ := r.rows(nil)
	last := len(rows) - 1
	return leftOpen(r.Scenarios[last], rows[last], judged[last])
}

// givenWay says of each run whether it gives way to a later attempt at its scenario.
func (r Run) givenWay(rows []ScenarioResult, judged []map[string]conformance.Finding) []bool {
	gives := make([]bool, len(rows))
	passed := map[string]bool{} // later, by scenario
	for i := len(rows) - 1; i >= 0; i-- {
		gives[i] = passed[rows[i].ID] && leftOpen(r.Scenarios[i], rows[i], judged[i])
		passed[rows[i].ID] = passed[rows[i].ID] || rows[i].Verdict == conformance.Pass
	}
	return gives
}

// mostLate is how many observations an attempt may have that is made again: all attempts at a scenario
// are kept until it is over, and who is flooded is not late. Scenarios have some hundreds.
const mostLate = 4096

// leftOpen reports whether a run left something open that its slow answers may explain, and shows
// no breach. A silence that did not come back is no such thing: it stays open. So does what only a
// process of the Device's own would explain: what it has changed for good no later attempt shows.
func leftOpen(run conformance.ScenarioRun, row ScenarioResult, judged map[string]conformance.Finding) bool {
	flooded := run.Timeline.Full() >= 0 || len(run.Timeline.Observations) > mostLate
	if row.Verdict != conformance.Inconclusive || flooded || !slow(run.Timeline) {
		return false
	}
	for _, f := range judged {
		if f.Breach() || f.Alone {
			return false
		}
	}
	return true
}

// slow reports whether an answer took so long that a process of the Device may lag behind by
// more than the settle time: then it may have begun and ended between two looks. A Client that
// may write and got no session had no answer in time either, or never will.
func slow(tl conformance.Timeline) bool {
	var slowest time.Duration
	for _, o := range tl.Observations {
		if o.Kind == conformance.Session && o.Outcome == conformance.Refused && conformance.MayWrite(o.Client) {
			return true
		}
		if o.Kind == conformance.Response && o.For != nil {
			slowest = max(slowest, o.At-tl.Observations[*o.For].At)
		}
	}
	return conformance.Lag(slowest) > tl.Header.Target.Timing.Settle
}
