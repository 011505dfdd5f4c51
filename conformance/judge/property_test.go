package judge_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func TestAShiftInTimeChangesNoVerdict(t *testing.T) {
	for _, tl := range scripts(t) {
		want := judge.All(tl)
		moved := tl
		moved.Observations = append([]conformance.Observation(nil), tl.Observations...)
		for i := range moved.Observations {
			moved.Observations[i].At += time.Hour
		}
		got := judge.All(moved)
		for id := range want {
			w, g := want[id], got[id]
			w.AtS, g.AtS, w.Reason, g.Reason = 0, 0, "", ""
			if diff := cmp.Diff(w, g); diff != "" {
				t.Errorf("%s (-then +an hour later):\n%s", id, diff)
			}
		}
	}
}

// A Device that answers nothing after any point passes nothing by it: what
// passes in the cut Timeline passed on what had been seen before the cut.
func TestASilentDevicePassesNothing(t *testing.T) {
	for _, tl := range scripts(t) {
		noPassOfTheDead(t, tl)
	}
}

// A Timeline that stops early has no breach that the whole has not, but for
// what the Device would still have explained: none of the judges waits for a
// later entry to take back a fail.
func TestAPassIsNotLostByReadingOn(t *testing.T) {
	for _, tl := range scripts(t) {
		whole := judge.All(tl)
		for n := range tl.Observations {
			cut := tl
			cut.Observations = tl.Observations[:n]
			for id, f := range judge.All(cut) {
				if f.Verdict == conformance.Fail && whole[id].Verdict == conformance.Pass {
					t.Errorf("%s: fail after %d entries, pass after all: %s", id, n, f.Reason)
				}
			}
		}
	}
}

func TestRandomTimelinesDoNotPanic(t *testing.T) {
	all := scripts(t)
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := []conformance.Kind{conformance.Request, conformance.Response, conformance.Notification, conformance.Lost, conformance.Message, conformance.Condition, conformance.Source, conformance.Waiting, conformance.Note, "odd"}
	for range 1000 {
		tl := all[rng.IntN(len(all))]
		from := all[rng.IntN(len(all))].Observations
		var obs []conformance.Observation
		for _, o := range tl.Observations {
			switch rng.IntN(12) {
			case 0:
				continue
			case 1:
				o = from[rng.IntN(len(from))]
			case 2:
				o.Kind = kinds[rng.IntN(len(kinds))]
			case 3:
				o.Frame = nil
			case 4:
				o.For = nil
			case 5:
				o.Source = nil
			}
			o.N = len(obs)
			if o.For != nil && *o.For >= o.N {
				o.For = nil
			}
			obs = append(obs, o)
		}
		tl.Observations = obs
		tl.Expectations = []conformance.Expectation{{Form: conformance.Exactly, Rows: []conformance.Row{{TM: "V"}}, From: rng.IntN(5), Upto: rng.IntN(40)}}
		judge.All(tl)
		assess.Of(tl.Header.Target, "ocf-1.0", []conformance.ScenarioRun{{ID: "x", Timeline: tl}})
	}
}

// renumber gives the Observations of obs their indices; from maps old to new.
func renumber(obs []conformance.Observation, from map[int]int) []conformance.Observation {
	for i := range obs {
		obs[i].N = i
		if obs[i].For != nil {
			n := from[*obs[i].For]
			obs[i].For = &n
		}
	}
	return obs
}

// compliant are the scripts that break nothing.
func compliant(t *testing.T) []conformance.Timeline {
	return append(scriptsOf(t, "judges/variants"), scriptsOf(t, "judges/whole")...)
}

// What the network does to notifications is no breach of the Device's: one is
// missing, one is doubled, two change places. All that it can cost is what rests
// on silence, which the report leaves open unless it comes back.
func TestTheNetworkIsNotTheDevice(t *testing.T) {
	for k, tl := range compliant(t) {
		for n, o := range tl.Observations {
			if o.Kind != conformance.Notification {
				continue
			}
			check := func(what string, obs []conformance.Observation) {
				t.Helper()
				changed := tl
				changed.Observations = obs
				for id, f := range judge.All(changed) {
					if (f.Verdict == conformance.Fail || f.Verdict == conformance.Warn) && !f.Silent {
						t.Errorf("script %d, notification %d %s: %s %s: %s", k, n, what, id, f.Verdict, f.Reason)
					}
				}
			}
			check("missing", without(tl.Observations, n))
			check("doubled", doubledAt(tl.Observations, n))
			if next := nextOf(tl.Observations, n); next > 0 {
				check("late", swapped(tl.Observations, n, next))
			}
		}
	}
}

func without(obs []conformance.Observation, n int) []conformance.Observation {
	var kept []conformance.Observation
	from := map[int]int{}
	for i, o := range obs {
		if i != n {
			from[i] = len(kept)
			kept = append(kept, o)
		}
	}
	return renumber(kept, from)
}

func doubledAt(obs []conformance.Observation, n int) []conformance.Observation {
	var all []conformance.Observation
	from := map[int]int{}
	for i, o := range obs {
		from[i] = len(all)
		all = append(all, o)
		if i == n {
			all = append(all, o)
		}
	}
	return renumber(all, from)
}

// nextOf is the next notification to the same Client, 0 for none.
func nextOf(obs []conformance.Observation, n int) int {
	for i := n + 1; i < len(obs); i++ {
		if obs[i].Kind == conformance.Notification && obs[i].Client == obs[n].Client {
			return i
		}
	}
	return 0
}

// swapped lets notification n arrive right after notification next.
func swapped(obs []conformance.Observation, n, next int) []conformance.Observation {
	var all []conformance.Observation
	from := map[int]int{}
	for i, o := range obs {
		if i == n {
			continue
		}
		from[i] = len(all)
		all = append(all, o)
		if i == next {
			late := obs[n]
			late.At = o.At
			all = append(all, late)
		}
	}
	return renumber(all, from)
}

// The clock on the wall may be set while a Device is tested; what is judged by
// is the one that can't be.
func TestTheWallClockMayJump(t *testing.T) {
	for _, tl := range scripts(t) {
		want := judge.All(tl)
		for _, jump := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
			jumped := tl
			jumped.Observations = append([]conformance.Observation(nil), tl.Observations...)
			for i := range jumped.Observations {
				jumped.Observations[i].Wall = tl.Header.Started.Add(tl.Observations[i].At)
				if i > len(tl.Observations)/2 {
					jumped.Observations[i].Wall = jumped.Observations[i].Wall.Add(jump)
				}
			}
			if diff := cmp.Diff(want, judge.All(jumped)); diff != "" {
				t.Errorf("jumped by %v (-was +is):\n%s", jump, diff)
			}
		}
	}
}
