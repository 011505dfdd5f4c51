package judge_test

import (
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// fullAt is tl as it would stand if there had been no room from Observation n on for
// anything but what the harness itself did.
func fullAt(tl conformance.Timeline, n int) conformance.Timeline {
	full := conformance.Observation{N: n, Kind: conformance.Note, Text: conformance.RecordFull}
	if n > 0 {
		full.At = tl.Observations[n-1].At
	}
	cut := tl
	cut.Observations = append(slices.Clone(tl.Observations[:n:n]), full)
	return cut
}

// What was not kept may hold a breach, and may explain one: a full record passes
// nothing, and fails nothing that the whole one passes.
func TestAFullRecordPassesNothingAndFailsNoMoreThanTheWhole(t *testing.T) {
	for _, tl := range scripts(t) {
		whole := judge.All(tl)
		for n := range tl.Observations {
			for id, f := range judge.All(fullAt(tl, n)) {
				if f.Verdict == conformance.Pass {
					t.Errorf("%s: pass, though the record was full after %d entries", id, n)
				}
				if f.Verdict == conformance.Fail && whole[id].Verdict == conformance.Pass {
					t.Errorf("%s: fail, though the whole record passes: full after %d entries: %s", id, n, f.Reason)
				}
			}
		}
	}
}

// A breach that was recorded before stands, whatever was not kept afterwards.
func TestABreachStandsWhereTheRecordIsFullAfterwards(t *testing.T) {
	stood := 0
	for _, tl := range scripts(t) {
		n := len(tl.Observations)
		for id, f := range judge.All(tl) {
			if f.Verdict != conformance.Fail || f.Silent || tl.Header.Target.Supports.Autonomous {
				continue
			}
			if got := judge.All(fullAt(tl, n))[id]; got.Verdict != conformance.Fail || got.Witness != f.Witness {
				t.Errorf("%s: %s at %d, want the fail at %d", id, got.Verdict, got.Witness, f.Witness)
			}
			stood++
		}
	}
	if stood == 0 {
		t.Error("no script fails anything")
	}
}

func TestAnExpectationThatLooksBeyondAFullRecordIsLeftOpen(t *testing.T) {
	tl := conformance.Timeline{Observations: []conformance.Observation{{Kind: conformance.Step, Text: "When"}}}
	tl = fullAt(tl, 1)
	tl.Observations = append(tl.Observations, conformance.Observation{N: 2, Kind: conformance.Step, Text: "Then"})
	e := conformance.Expectation{Text: "x", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "V"}}, Upto: 3}
	tl.Expectations = []conformance.Expectation{e}
	checks := judge.Scenario(tl, judge.Known{}).Expectations
	for _, f := range append(checks, judge.Check(e, tl)) {
		if f.Verdict != conformance.Inconclusive {
			t.Errorf("%s: %s", f.Verdict, f.Reason)
		}
	}
}
