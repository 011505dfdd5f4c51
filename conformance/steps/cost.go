package steps

import (
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// Cost is how long a scenario takes, as far as that is known before it is run: the time for
// which it waits whatever the Device does, and a measure of what it has the Device do besides.
// How long a unit of Work takes shows only in the run.
type Cost struct {
	Work  int
	Waits time.Duration
}

// Plus is both.
func (c Cost) Plus(o Cost) Cost { return Cost{c.Work + o.Work, c.Waits + o.Waits} }

// CostOf is what s costs with the target that p describes; nothing where it does not apply.
// Work is 1 for the scenario itself, 1 for each check, and more for an update and a restart:
// so much longer they take most embedded Devices (docs/adr/0182).
func CostOf(s Scenario, p conformance.Profile) Cost {
	if Applicable(s, p) != "" {
		return Cost{}
	}
	e := EffortOf(s)
	c := Cost{Work: 1 + e.Checks + 2*e.Updates + 4*e.Restarts}
	quiet, pending := 2*p.Timing.Settle, p.Timing.Validation
	for _, step := range s.Steps {
		e := effortOf(step)
		switch {
		case step.Word == Then:
		case strings.Contains(step.Text, "nothing is requested for as long as a check may take"):
			c.Waits += p.Timing.Validation + quiet
		case e.Waits > 0:
			c.Waits += pending + quiet
		case e.Updates > 0:
			pending = p.Timing.Update
		case e.Checks > 0:
			pending = p.Timing.Validation
		default:
			c.Waits += later(step.Text)
		}
	}
	return c
}

// later is how long after a sentence something is to happen that it schedules.
func later(text string) time.Duration {
	text, ok := strings.CutSuffix(text, " s later")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(text[strings.LastIndexByte(text, ' ')+1:])
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
