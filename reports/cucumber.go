package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// cucumberFormat is what tools that read Cucumber's messages are given, one JSON object a
// line (https://github.com/cucumber/messages). It leaves no file.
func cucumberFormat() Format { return Format{Name: "cucumber", Show: cucumber} }

// cucumberProtocol is the version of the messages; they carry it.
const cucumberProtocol = "34.2.1"

// cucumber writes what was run as Cucumber would have run it: the features, the
// scenarios as pickles, and a test case for each.
//
// A verdict comes from the whole record, after the last step. So it stands at the last
// step, with the reason and the evidence as its message:
//
//	pass, warn      PASSED
//	fail            FAILED
//	error           FAILED, with an exception of the type "harness"
//	inconclusive    PENDING
//	not-applicable  SKIPPED
//	waived          SKIPPED
//
// The steps before it are PASSED where the scenario was run to its end and judged, and
// SKIPPED where it was not. The run has success where the exit code is 0.
func cucumber(w io.Writer, targets []Entry, _ Style) error {
	c := &cucumbers{encoder: json.NewEncoder(w), newID: (&messages.Incrementing{}).NewId}
	c.encoder.SetEscapeHTML(false)
	c.put(messages.Envelope{Meta: &messages.Meta{
		ProtocolVersion: cucumberProtocol,
		Implementation:  &messages.Product{Name: "ocfsim", Version: toolOf(targets).Version},
		Runtime:         &messages.Product{Name: "go", Version: runtime.Version()},
		Os:              &messages.Product{Name: runtime.GOOS},
		Cpu:             &messages.Product{Name: runtime.GOARCH},
	}})
	c.run = c.newID()
	plans := make([][]planned, len(targets))
	for i, t := range targets {
		plans[i] = c.features(c.whole(t), len(targets) > 1)
	}
	begin, end := fromTo(targets)
	c.put(messages.Envelope{TestRunStarted: &messages.TestRunStarted{Id: c.run, Timestamp: timestamp(begin)}})
	worst := conformance.None
	for i, t := range targets {
		c.target(c.whole(t), plans[i])
		worst = conformance.Worst(worst, judged(t.Report.Verdict))
	}
	code, means := Exit(worst)
	c.put(messages.Envelope{TestRunFinished: &messages.TestRunFinished{
		TestRunStartedId: c.run, Success: code == 0, Message: means, Timestamp: timestamp(end),
	}})
	if c.err != nil {
		return fmt.Errorf("write cucumber messages: %w", c.err)
	}
	return nil
}

// cucumbers writes messages, until one can't be written.
type cucumbers struct {
	encoder *json.Encoder
	newID   func() string
	run     string // id of the run
	err     error
}

func (c *cucumbers) put(e messages.Envelope) {
	if c.err == nil {
		c.err = c.encoder.Encode(e)
	}
}

// whole is t with its whole report.
func (c *cucumbers) whole(t Entry) Entry {
	t, err := t.whole()
	if c.err == nil {
		c.err = err
	}
	return t
}

// planned is a scenario that was run, and what Cucumber calls it.
type planned struct {
	result assess.ScenarioResult
	test   messages.TestCase
}

// target writes what came of the scenarios of one target.
func (c *cucumbers) target(t Entry, plan []planned) {
	rep := complete(t.Report)
	cases := casebook{reportBook: newBook(rep, assess.SentencesOf(rep)), timelines: t.Timelines, rerun: t.Rerun}
	for i := range plan {
		c.put(messages.Envelope{TestCase: &plan[i].test})
	}
	at := rep.Started
	for _, p := range plan {
		started := c.newID()
		c.put(messages.Envelope{TestCaseStarted: &messages.TestCaseStarted{Id: started, TestCaseId: p.test.Id, Timestamp: timestamp(at)}})
		last := len(p.test.TestSteps) - 1
		for i, step := range p.test.TestSteps {
			outcome := before(p.result.Verdict)
			if i == last {
				outcome = decided(p.result, scenarioText(rep, p.result)+cases.scenario(p.result))
			}
			c.put(messages.Envelope{TestStepStarted: &messages.TestStepStarted{TestCaseStartedId: started, TestStepId: step.Id, Timestamp: timestamp(at)}})
			if i == last {
				at = at.Add(lasted(p.result.DurationS))
			}
			c.put(messages.Envelope{TestStepFinished: &messages.TestStepFinished{
				TestCaseStartedId: started, TestStepId: step.Id, TestStepResult: &outcome, Timestamp: timestamp(at),
			}})
		}
		c.put(messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{TestCaseStartedId: started, Timestamp: timestamp(at)}})
	}
}

// before is the result of the steps before the last one of a scenario with verdict v.
func before(v conformance.Verdict) messages.TestStepResult {
	r := messages.TestStepResult{Status: messages.TestStepResultStatus_SKIPPED, Duration: &messages.Duration{}}
	switch v {
	case conformance.Pass, conformance.Warn, conformance.Fail, conformance.Waived:
		r.Status = messages.TestStepResultStatus_PASSED
	}
	return r
}

// decided is the result of the last step, which carries the verdict of the scenario.
func decided(s assess.ScenarioResult, evidence string) messages.TestStepResult {
	took := messages.GoDurationToDuration(lasted(s.DurationS))
	r := messages.TestStepResult{Duration: &took, Status: messages.TestStepResultStatus_PASSED}
	if s.Verdict == conformance.Pass {
		return r
	}
	r.Message = strings.TrimSpace(string(s.Verdict) + ": " + clean(s.Reason) + "\n" + evidence)
	switch s.Verdict {
	case conformance.Warn:
	case conformance.Fail:
		r.Status = messages.TestStepResultStatus_FAILED
	case conformance.NotApplicable, conformance.Waived:
		r.Status = messages.TestStepResultStatus_SKIPPED
	case conformance.Inconclusive:
		r.Status = messages.TestStepResultStatus_PENDING
	default:
		r.Status = messages.TestStepResultStatus_FAILED
		r.Exception = &messages.Exception{Type: "harness", Message: clean(s.Reason)}
	}
	return r
}

// lasted is a time in seconds as a Duration. What is no time, as in a damaged file, is 0.
func lasted(seconds float64) time.Duration {
	if seconds > 0 && seconds < float64(1<<32) {
		return time.Duration(seconds * float64(time.Second))
	}
	return 0
}

func timestamp(at time.Time) *messages.Timestamp {
	t := messages.GoTimeToTimestamp(at.UTC())
	return &t
}

// fromTo is when the first of the targets began, and when the last of them ended.
func fromTo(targets []Entry) (begin, end time.Time) {
	for i, t := range targets {
		from := t.Report.Started
		if i == 0 || from.Before(begin) {
			begin = from
		}
		if to := from.Add(lasted(t.Report.DurationS)); to.After(end) {
			end = to
		}
	}
	return begin, end
}

// toolOf is the program that judged the targets.
func toolOf(targets []Entry) assess.Tool {
	if len(targets) == 0 {
		return assess.Tool{}
	}
	return targets[0].Report.Tool
}
