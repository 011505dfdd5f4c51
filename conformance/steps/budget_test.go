package steps

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// played runs one scenario against l and says how long that took.
func played(t *testing.T, l *lamp, id string) (run conformance.ScenarioRun, took time.Duration) {
	t.Helper()
	scenarios := first(t, id)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: l})
		if err != nil || len(runs) != 1 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		run, took = runs[0], time.Since(began)
	})
	return run, took
}

// TestWaitsShareABudget runs a scenario with several waits against a Device whose checks
// never end, with a budget that they can't all have: the scenario is over when the budget
// is, could not be tested, and shows no timeout of the wait that was cut short.
func TestWaitsShareABudget(t *testing.T) {
	const id = "update.checks-and-updates-follow-one-another"
	l := lampWith(func(l *lamp) { l.stuck, l.profile.Timing.Scenario = true, 3*time.Second })
	run, took := played(t, l, id)
	if want := "the waits of the scenario took all of its 3s"; !strings.HasPrefix(run.NotTestable, "not testable: "+want) || run.Err != "" {
		t.Errorf("untestable: %q, error: %q", run.NotTestable, run.Err)
	}
	cut := 0
	for _, o := range run.Timeline.Observations {
		switch {
		case o.Kind == conformance.Note && strings.Contains(o.Text, "was cut short"):
			cut++
		case o.Kind == conformance.Waiting && o.Outcome == conformance.Timeout && o.At >= 3*time.Second:
			t.Errorf("at %v a wait counts as timed out: %s", o.At, o.Text)
		}
	}
	if cut == 0 {
		t.Error("the Timeline does not say that a wait was cut short")
	}
	free := lampWith(func(l *lamp) { l.stuck = true })
	if _, slow := played(t, free, id); slow <= took {
		t.Errorf("it took %v with a budget, and %v without", took, slow)
	}
}

// TestABudgetLeavesWhatIsInTime has a Device that is in time end a scenario well within
// the budget that is worked out for it.
func TestABudgetLeavesWhatIsInTime(t *testing.T) {
	run, took := played(t, newLamp(), plainCheck)
	if run.NotTestable != "" || run.Err != "" {
		t.Errorf("%q, %q after %v", run.NotTestable, run.Err, took)
	}
}

// TestABudgetIsRationed gives each wait what it may take, as long as there is as much left.
func TestABudgetIsRationed(t *testing.T) {
	for _, c := range []struct {
		left, bound, lasts time.Duration
		short              bool
	}{
		{time.Minute, time.Second, time.Second, false},
		{time.Minute, time.Minute, time.Minute, false},
		{time.Second, time.Minute, time.Second, true},
		{-time.Second, time.Minute, 0, true},
		{-time.Second, 0, 0, true},
	} {
		b := budget{c.left}
		if lasts, short := b.ration(c.bound); lasts != c.lasts || short != c.short {
			t.Errorf("%v of %v: %v, %v", c.bound, c.left, lasts, short)
		}
	}
}
