package assess

import (
	"github.com/ocfsim/ocfsim/conformance"
)

// Attempt is one of several runs of a scenario against a target. Every one is
// judged; none is left out of the report.
type Attempt struct {
	Verdict   conformance.Verdict   `json:"verdict"`
	Reason    string                `json:"reason"`
	DurationS float64               `json:"duration_s"`
	Timeline  string                `json:"timeline"` // path relative to results.json
	Checks    []conformance.Finding `json:"checks,omitempty"`
}

// attempts numbers the runs of each scenario that was run more than once, from
// 1, in their order; 0 stands for a scenario's only run.
func (r Run) attempts() []int {
	runs := map[string]int{}
	for _, run := range r.Scenarios {
		runs[run.ID]++
	}
	seen, numbers := map[string]int{}, make([]int, len(r.Scenarios))
	for i, run := range r.Scenarios {
		if runs[run.ID] > 1 {
			seen[run.ID]++
			numbers[i] = seen[run.ID]
		}
	}
	return numbers
}

// merged makes one row of all attempts at a scenario. It has the verdict of the
// worst attempt, of the first one where several are as bad, and is flaky where the
// attempts do not agree. One that gives way to a later one decides nothing.
func merged(rows []ScenarioResult, gives []bool) []ScenarioResult {
	out := make([]ScenarioResult, 0, len(rows))
	at, open := map[string]int{}, map[string]bool{} // open: no attempt decides yet
	for n, row := range rows {
		i, ok := at[row.ID]
		if !ok {
			at[row.ID], open[row.ID] = len(out), gives[n]
			out = append(out, row)
			continue
		}
		whole := &out[i]
		if whole.Attempts == nil {
			whole.Attempts, whole.Attempt = []Attempt{whole.attempt()}, 1
		}
		whole.Attempts = append(whole.Attempts, row.attempt())
		whole.DurationS += row.DurationS
		if gives[n] {
			continue
		}
		first := open[row.ID]
		open[row.ID] = false
		whole.Flaky = whole.Flaky || !first && row.Verdict != whole.Verdict
		if first || conformance.Worst(whole.Verdict, row.Verdict) != whole.Verdict {
			whole.Attempt = len(whole.Attempts)
			whole.Verdict, whole.Reason, whole.Timeline, whole.Checks = row.Verdict, row.Reason, row.Timeline, row.Checks
		}
	}
	return out
}

func (s ScenarioResult) attempt() Attempt {
	return Attempt{Verdict: s.Verdict, Reason: s.Reason, DurationS: s.DurationS, Timeline: s.Timeline, Checks: s.Checks}
}

// Each is s as it would stand after each of its attempts alone; s itself where
// there was one.
func (s ScenarioResult) Each() []ScenarioResult {
	if len(s.Attempts) == 0 {
		return []ScenarioResult{s}
	}
	all := make([]ScenarioResult, 0, len(s.Attempts))
	for i, a := range s.Attempts {
		one := s
		one.Attempts, one.Attempt, one.Flaky = nil, i+1, false
		one.Verdict, one.Reason, one.DurationS, one.Timeline, one.Checks = a.Verdict, a.Reason, a.DurationS, a.Timeline, a.Checks
		all = append(all, one)
	}
	return all
}
