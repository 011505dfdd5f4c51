package steps

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Effort is what a scenario asks of a Device, as far as its sentences tell.
type Effort struct {
	Checks   int // software version validations
	Updates  int // secure software updates
	Restarts int // power cycles
	Waits    int // for as long as a process may take: sources that never answer
}

// Plus is both.
func (e Effort) Plus(o Effort) Effort {
	return Effort{e.Checks + o.Checks, e.Updates + o.Updates, e.Restarts + o.Restarts, e.Waits + o.Waits}
}

// asking is what a sentence costs where its text matches; times is the number of the
// submatch that says how often, 0 for once.
type asking struct {
	text  *regexp.Regexp
	costs Effort
	times int
}

// askings are the sentences that have the Device do something.
func askings() []asking {
	one := func(text string, e Effort) asking { return asking{text: regexp.MustCompile(text), costs: e} }
	return []asking{
		one(`^a check has been made`, Effort{Checks: 1}),
		one(`an update installed$`, Effort{Updates: 1}),
		one(`^a check is pending$`, Effort{Checks: 1}),
		one(`^an update is pending$`, Effort{Updates: 1}),
		one(`Client requests software version validation`, Effort{Checks: 1}),
		one(`Client requests a secure software update`, Effort{Updates: 1}),
		one(`Client requests validation and update`, Effort{Checks: 1, Updates: 1}),
		one(`starts a check by itself$`, Effort{Checks: 1}),
		one(`starts an update by itself$`, Effort{Updates: 1}),
		{text: regexp.MustCompile(`checks for updates (\d+) times`), costs: Effort{Checks: 1}, times: 1},
		{text: regexp.MustCompile(`checks and updates (\d+) times`), costs: Effort{Checks: 1, Updates: 1}, times: 1},
		one(`restarted$`, Effort{Restarts: 1}),
		one(`never answers$`, Effort{Waits: 1}),
	}
}

// written is the mask that a privileged Client writes in a sentence.
func written(text string) ocf.DPM {
	_, mask, ok := strings.Cut(text, "a privileged Client writes tm as ")
	if !ok {
		return 0
	}
	mask, _, _ = strings.Cut(mask, ",")
	dpm, err := ocf.ParseDPM(mask)
	if err != nil {
		return 0
	}
	return dpm
}

// EffortOf adds up what the sentences of s ask for.
func EffortOf(s Scenario) Effort {
	var all Effort
	for _, step := range s.Steps {
		if step.Word == Then {
			continue
		}
		for _, a := range askings() {
			m := a.text.FindStringSubmatch(step.Text)
			if m == nil {
				continue
			}
			n := 1
			if a.times > 0 {
				n, _ = strconv.Atoi(m[a.times])
			}
			for range n {
				all = all.Plus(a.costs)
			}
		}
		mask := written(step.Text)
		if mask.Has(ocf.SVV) {
			all.Checks++
		}
		if mask.Has(ocf.SSU) {
			all.Updates++
		}
	}
	return all
}
