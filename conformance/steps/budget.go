package steps

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// A scenario has one budget for all its waits. Each of them has a bound of its own by the
// target's declarations; without a budget a Device that hangs would take all these bounds,
// one after another. The time of requests, of hooks and of whoever is asked is not in it.
//
// A wait that the budget cuts short shows nothing of the Device: it is no timeout in the
// Timeline but a note, and the scenario ends as one that could not be tested.

// budget is what the waits of a scenario have left.
type budget struct{ left time.Duration }

// allowance is the budget of the scenario: as the target declares it, or twice what the
// scenario asks of a Device that takes as long as it may for everything, its beginning
// and its end included.
func (t *trial) allowance() time.Duration {
	p := t.profile
	if p.Timing.Scenario > 0 {
		return p.Timing.Scenario
	}
	e := EffortOf(t.run.scenario)
	one := t.bound(t.processes()) + p.Timing.Reboot + 8*p.Timing.Settle + p.Sleep.Every
	return 2 * time.Duration(2+e.Checks+e.Updates+e.Restarts+e.Waits) * one
}

// ration is how long a wait may last that may take bound, and whether that is less.
func (b *budget) ration(bound time.Duration) (lasts time.Duration, short bool) {
	return min(bound, max(0, b.left)), bound > b.left
}

// spend takes off what a wait took that began at that time.
func (b *budget) spend(began time.Time) { b.left -= time.Since(began) }

// overdrawn is the error of a wait that the budget has cut short. It stands in the
// Timeline as well.
func (t *trial) overdrawn(what string, bound time.Duration) error {
	text := fmt.Sprintf("the waits of the scenario took all of its %v, so that waiting for %s was cut short, which may take %v", t.allowance(), what, bound)
	t.rec.Append(conformance.Observation{Kind: conformance.Note, Text: text})
	return untestable("%s; `timing: {scenario: ...}` gives them more", text)
}
