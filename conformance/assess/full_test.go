package assess

import (
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// filled is tl with the note that its record is full in front of Observation n.
func filled(tl conformance.Timeline, n int) conformance.Timeline {
	full := conformance.Observation{Kind: conformance.Note, Text: conformance.RecordFull, At: tl.Observations[max(n-1, 0)].At}
	tl.Observations = slices.Insert(slices.Clone(tl.Observations), n, full)
	for i := range tl.Observations {
		o := &tl.Observations[i]
		o.N = i
		if o.For != nil && *o.For >= n {
			later := *o.For + 1
			o.For = &later
		}
	}
	return tl
}

// However much of a record was kept: a Device that keeps every requirement is neither
// passed nor failed, and the reason comes before all that follows from it.
func TestAFullRecordIsInconclusiveAndSaysWhy(t *testing.T) {
	tl := play(t, wellPlayed)
	for n := range len(tl.Observations) + 1 {
		row := Of(tl.Header.Target, "ocf-1.0", []conformance.ScenarioRun{{ID: "x", Requirements: []string{"SVV-6"}, Timeline: filled(tl, n)}}).Scenarios[0]
		if row.Verdict != conformance.Inconclusive || !strings.Contains(row.Reason, "more than a record has room for") {
			t.Errorf("full at %d: %s: %s", n, row.Verdict, row.Reason)
		}
	}
}

// A Device whose answers were not kept has not died, and is not away.
func TestNothingDiesInThePartThatWasNotKept(t *testing.T) {
	tl := filled(play(t, wellPlayed), 3)
	request := len(tl.Observations)
	for range 2 {
		n := len(tl.Observations)
		tl.Observations = append(tl.Observations,
			conformance.Observation{N: n, Kind: conformance.Request, Client: "privileged", Frame: &conformance.Frame{Type: "CON", Code: "GET", Path: "/oic/sec/pstat"}},
			conformance.Observation{N: n + 1, Kind: conformance.Lost, Client: "privileged", For: &n, Text: conformance.PortCloses})
	}
	for i := request; i < len(tl.Observations); i++ {
		tl.Observations[i].At = tl.Observations[request-1].At
	}
	report := Of(tl.Header.Target, "ocf-1.0", []conformance.ScenarioRun{{ID: "x", Requirements: []string{"SVV-6"}, Timeline: tl}})
	if row := report.Scenarios[0]; row.Verdict != conformance.Inconclusive {
		t.Errorf("%s: %s", row.Verdict, row.Reason)
	}
}
