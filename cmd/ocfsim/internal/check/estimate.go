package check

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

// Estimate is what a run of the whole suite would ask of the Device.
type Estimate struct {
	Scenarios    int     `json:"scenarios"`    // that can be tested
	Of           int     `json:"of_scenarios"` // that apply to the target
	Requirements int     `json:"requirements"` // that such a scenario speaks of
	All          int     `json:"of_requirements"`
	Checks       int     `json:"checks"`
	Updates      int     `json:"updates"`
	Restarts     int     `json:"restarts"`
	Minutes      float64 `json:"minutes"`
}

// stay is about how many settle times a scenario takes besides its processes: to come
// to rest before, and to see afterwards that nothing more comes.
const stay = 2

// estimate adds up what the scenarios that can be tested ask for.
func (x *examination) estimate() {
	by := edition.Of(x.Target.Profile.Edition)
	catalogue, err := steps.LoadFor(by, features.FS, judge.IDsOf(by))
	if err != nil {
		return // a test holds the features that are built in to be readable
	}
	p := x.profile()
	e := Estimate{All: len(judge.IDsOf(by))}
	var effort steps.Effort
	spoken := map[string]bool{}
	for _, s := range catalogue.Scenarios {
		if steps.Applicable(s, p) != "" {
			continue
		}
		e.Of++
		if !x.testable(s) {
			continue
		}
		e.Scenarios++
		effort = effort.Plus(steps.EffortOf(s))
		for _, id := range s.Requirements {
			spoken[id] = true
		}
	}
	e.Requirements = len(spoken)
	e.Checks, e.Updates, e.Restarts = effort.Checks, effort.Updates, effort.Restarts
	if p.Update.Reboots {
		e.Restarts += e.Updates
	}
	e.Minutes = x.lasts(effort, e).Minutes()
	x.report.Estimate = &e
}

// testable reports whether every condition that s can't do without works. Those that
// were not tried count as working where the target declares a hook.
func (x *examination) testable(s steps.Scenario) bool {
	return !slices.ContainsFunc(steps.Needed(s, x.profile().Always), func(name string) bool {
		works, tried := x.works[name]
		return tried && !works || !tried && !x.Target.Arranges()
	})
}

// lasts is how long the run would take, by what was measured, else by what is
// declared.
func (x *examination) lasts(effort steps.Effort, e Estimate) time.Duration {
	t := x.profile().Timing
	or := func(measured, declared time.Duration) time.Duration {
		if measured > 0 {
			return measured
		}
		return declared
	}
	d := time.Duration(e.Scenarios) * stay * t.Settle
	d += time.Duration(e.Checks) * or(x.took.validation, t.Validation)
	d += time.Duration(e.Updates) * or(x.took.update, t.Update)
	d += time.Duration(e.Restarts) * or(x.took.reboot, t.Reboot)
	d += time.Duration(effort.Waits) * max(t.Validation, t.Update)
	return d
}
