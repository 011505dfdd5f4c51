package suite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf/capture"
)

// comments are what the datagrams of a run are said to be.
type comments struct {
	runs     map[string]conformance.ScenarioRun // by the file of the timeline
	observed map[int][]place                    // by the number of the datagram
	findings map[int][]string
}

// commentator knows a run, and the numbers of its datagrams.
func commentator(report assess.Report, runs []conformance.ScenarioRun) comments {
	c := comments{runs: map[string]conformance.ScenarioRun{}, observed: map[int][]place{}, findings: map[int][]string{}}
	for _, run := range runs {
		c.runs[run.File] = run
		for i, o := range run.Timeline.Observations {
			if o.Packet > 0 {
				c.observed[o.Packet] = append(c.observed[o.Packet], place{run.File, i})
			}
		}
	}
	file := map[tried]string{}
	for _, whole := range report.Scenarios {
		for _, s := range whole.Each() {
			file[tried{s.ID, s.Attempt}] = s.Timeline
			for i, f := range s.Checks {
				c.find(fmt.Sprintf("expectation %d", i+1), s.Timeline, f)
			}
		}
	}
	for _, r := range report.Requirements {
		for _, f := range r.Findings {
			c.find(r.ID, file[tried{f.Scenario, f.Attempt}], f)
		}
	}
	return c
}

// tried is an attempt at a scenario.
type tried struct {
	scenario string
	attempt  int
}

// find puts a finding to the datagram that decided it. What was decided by none, as by a
// wait that ended or by the whole, stands at the last one before.
func (c comments) find(who, file string, f conformance.Finding) {
	tl := c.runs[file].Timeline
	if f.Verdict == conformance.None || f.Verdict == conformance.NotApplicable {
		return
	}
	witness := f.Witness
	if witness < 0 || witness >= len(tl.Observations) {
		witness = len(tl.Observations) - 1
	}
	for ; witness >= 0; witness-- {
		if n := tl.Observations[witness].Packet; n > 0 {
			c.findings[n] = append(c.findings[n], finding(who, f))
			return
		}
	}
}

// finding is a finding in one line.
func finding(who string, f conformance.Finding) string {
	text := fmt.Sprintf("finding: %s %s", who, f.Verdict)
	if f.Verdict == conformance.Pass {
		return text
	}
	if f.Want != "" || f.Got != "" {
		text += fmt.Sprintf(": expected %s, got %s", cmp.Or(f.Want, "-"), cmp.Or(f.Got, "-"))
	}
	if f.Reason != "" {
		text += ": " + f.Reason
	}
	return text
}

// comments are all comments of a datagram: the scenario, the step, which observation
// it is, and what it decided.
func (c comments) comments(number int, p capture.Packet) []string {
	if len(p.Comments) == 0 {
		return nil
	}
	file, ok := strings.CutPrefix(p.Comments[0], during)
	run, known := c.runs[file]
	if !ok || !known {
		return p.Comments
	}
	all := []string{fmt.Sprintf("scenario %s: %s", run.ID, run.Name)}
	base, _, _ := strings.Cut(file, ".jsonl")
	if _, attempt, again := strings.Cut(base, "~"); again {
		all[0] = fmt.Sprintf("scenario %s, attempt %s: %s", run.ID, attempt, run.Name)
	}
	if step := stepAt(run.Timeline, p.At); step != "" {
		all = append(all, "step: "+step)
	}
	for _, at := range c.observed[number] {
		all = append(all, observed(at))
	}
	return slices.Concat(all, c.findings[number])
}

// stepAt is the step that was under way at a moment; "" before the first.
func stepAt(tl conformance.Timeline, at time.Time) string {
	step := ""
	for _, o := range tl.Observations {
		if tl.Header.Started.Add(o.At).After(at) { // Wall is not exact enough
			break
		}
		if o.Kind == conformance.Step {
			step = o.Text
		}
	}
	return step
}
