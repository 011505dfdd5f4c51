package reports

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf"
)

// tally is how many requirements or scenarios have a certain verdict.
type tally struct {
	Verdict conformance.Verdict
	Letter  string
	Count   int
	X, W    px // its part of a bar that is 1000 wide
}

func tallies(n map[conformance.Verdict]int) []tally {
	total := 0
	for _, v := range verdicts {
		total += n[v]
	}
	var out []tally
	x := px(0)
	for _, v := range verdicts {
		t := tally{Verdict: v, Letter: letter(v), Count: n[v], X: x}
		if total > 0 {
			t.W = px(n[v]) * 1000 / px(total)
		}
		x += t.W
		out = append(out, t)
	}
	return out
}

func scenarioCounts(ss []assess.ScenarioResult) map[conformance.Verdict]int {
	n := map[conformance.Verdict]int{}
	for _, s := range ss {
		n[judged(s.Verdict)]++
	}
	return n
}

// guide explains what a verdict says.
type guide struct {
	Verdict      conformance.Verdict
	Letter, Says string
}

func guides() []guide {
	says := map[conformance.Verdict]string{
		conformance.Pass:          "Kept: the recording shows it.",
		conformance.Warn:          "A recommendation, or a sentence that the standard leaves open, is not followed. This does not fail the run.",
		conformance.Fail:          "Broken: nothing that the standard allows explains what was observed.",
		conformance.Inconclusive:  "Shown neither to be kept nor to be broken; the reason says why. A Device may merge notifications, so a missing one proves nothing by itself.",
		conformance.NotApplicable: "Does not apply to this target, by what the target declares of itself; the reason says what.",
		conformance.Error:         "The harness or its surroundings failed. This says nothing about the Device.",
		conformance.Waived:        "Broken, and accepted for a time by a waiver that says why.",
	}
	var out []guide
	for _, v := range verdicts {
		out = append(out, guide{v, letter(v), says[v]})
	}
	return out
}

// sentence sums up the run in words.
func sentence(n map[conformance.Verdict]int) string {
	total := 0
	var parts []string
	for _, v := range verdicts {
		total += n[v]
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[v], v))
		}
	}
	if total == 0 {
		return "No requirement was judged."
	}
	return fmt.Sprintf("%s: %s.", ocf.Count(total, "requirement"), strings.Join(parts, ", "))
}
