package steps

import (
	"strconv"
	"strings"
	"sync"

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

// asking is what a sentence costs that holds text; a sentence that asks for it several
// times says how often behind the text.
type asking struct {
	text  string
	costs Effort
}

// askings are the sentences that have the Device do something.
var askings = sync.OnceValue(func() []asking {
	return []asking{
		{"a check has been made", Effort{Checks: 1}},
		{"and an update installed", Effort{Updates: 1}},
		{"a check is pending", Effort{Checks: 1}},
		{"an update is pending", Effort{Updates: 1}},
		{"Client requests software version validation", Effort{Checks: 1}},
		{"Client requests a secure software update", Effort{Updates: 1}},
		{"Client requests validation and update", Effort{Checks: 1, Updates: 1}},
		{"starts a check by itself", Effort{Checks: 1}},
		{"starts an update by itself", Effort{Updates: 1}},
		{"checks for updates ", Effort{Checks: 1}},
		{"checks and updates ", Effort{Checks: 1, Updates: 1}},
		{"restarted", Effort{Restarts: 1}},
		{"never answers", Effort{Waits: 1}},
	}
})

// times is how often a sentence asks for what its text says, 0 where it does not.
func (a asking) times(sentence string) int {
	_, rest, ok := strings.Cut(sentence, a.text)
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(rest, " ")
	if n, err := strconv.Atoi(number); err == nil {
		return n
	}
	return 1
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
		all = all.Plus(effortOf(step))
	}
	return all
}

// effortOf is what one sentence asks for.
func effortOf(step Sentence) Effort {
	var all Effort
	if step.Word == Then {
		return all
	}
	for _, a := range askings() {
		for range a.times(step.Text) {
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
	return all
}
