package suite

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/steps"
)

// deck deals the scenarios of a run to the Devices that share them, and remembers what
// the judges made of what came back. It is safe for concurrent use.
type deck struct {
	dealt []atomic.Bool // by the place of the scenario
	made  assess.Memory // of the scenarios that have ended
	all   steps.Cost    // of the scenarios

	mu    sync.Mutex
	ended int // how many scenarios have ended
	spent steps.Cost
}

// newDeck has all scenarios of a run against the target that p describes.
func newDeck(scenarios []steps.Scenario, p conformance.Profile) *deck {
	d := &deck{dealt: make([]atomic.Bool, len(scenarios))}
	for _, s := range scenarios {
		d.all = d.all.Plus(steps.CostOf(s, p))
	}
	return d
}

// ends notes that a scenario with that cost has ended.
func (d *deck) ends(c steps.Cost) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended++
	d.spent = d.spent.Plus(c)
}

// progress is how many scenarios have ended, and what they cost.
func (d *deck) progress() (ended int, spent steps.Cost) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ended, d.spent
}

// take reports whether the caller gets the scenario at place i, which nobody else
// gets then.
func (d *deck) take(i int) bool { return !d.dealt[i].Swap(true) }

// lane is what one of the Devices made of its part of the scenarios.
type lane struct {
	runs    []conformance.ScenarioRun
	profile conformance.Profile
	err     error
}

// share drives the target and its copies through the scenarios side by side. The runs
// are in the order of the scenarios, and the profile is the target's.
func (r run) share(ctx context.Context) ([]conformance.ScenarioRun, conformance.Profile, error) {
	lanes := make([]lane, 1+len(r.copies))
	var going sync.WaitGroup
	for i := range lanes {
		own := r
		if i > 0 {
			own.target = r.copies[i-1]
		}
		if r.dir != "" && r.shelving() {
			own.reel = r.newReel(i + 1)
		}
		going.Go(func() { lanes[i] = own.lane(ctx) })
	}
	going.Wait()
	var runs []conformance.ScenarioRun
	var err error
	for _, l := range lanes {
		runs, err = append(runs, l.runs...), errors.Join(err, l.err)
	}
	place := map[string]int{}
	for i, s := range r.Selection.Scenarios {
		place[s.ID] = i
	}
	slices.SortStableFunc(runs, func(a, b conformance.ScenarioRun) int { return place[a.ID] - place[b.ID] })
	return runs, lanes[0].profile, err
}

// lane is drive. What panics in it is its error.
func (r run) lane(ctx context.Context) (l lane) {
	defer func() {
		if p := recover(); p != nil {
			l.profile, l.err = r.target.Profile, fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	l.runs, l.profile, l.err = r.drive(ctx)
	return l
}
