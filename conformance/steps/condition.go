package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// condition has the surroundings brought into a state, and records the outcome.
func (t *trial) condition(ctx context.Context, name string) error {
	t.rec.Append(conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: conformance.Asked})
	report, err := t.target.Condition(ctx, name)
	done := conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: conformance.Done}
	switch {
	case errors.Is(err, ErrUnsupported):
		done.Outcome, done.Text, err = conformance.Unsupported, err.Error(), t.unarranged(name)
	case err != nil:
		done.Outcome, done.Text, err = conformance.Failed, err.Error(), conformance.ConditionError(name, err)
	}
	if err == nil && slices.Contains(t.profile.Always, name) {
		done.Text = "always so, as the target declares"
	}
	t.rec.Append(done)
	t.said(done)
	t.source(report)
	return err
}

// said notes what the hook said when it had done what was asked for, line by line: a
// reader may want to see it beside what the Device did.
func (t *trial) said(done conformance.Observation) {
	hook, tells := t.target.(interface{ Said() string })
	if !tells || done.Outcome != conformance.Done || done.Text != "" {
		return
	}
	for line := range strings.Lines(hook.Said()) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			t.note("hook: %s", line)
		}
	}
}

func (t *trial) source(report *conformance.SourceReport) {
	if report != nil {
		t.rec.Append(conformance.Observation{Kind: conformance.Source, Source: report})
	}
}

// report records what the trusted source says about itself. It is nil if the
// source can't be asked.
func (t *trial) report(ctx context.Context) (*conformance.SourceReport, error) {
	if t.unreports {
		return nil, nil
	}
	report, err := t.target.Condition(ctx, conformance.ReportSource)
	if errors.Is(err, ErrUnsupported) {
		t.unreports = true
		t.rec.Append(conformance.Observation{Kind: conformance.Condition, Name: conformance.ReportSource, Outcome: conformance.Unsupported})
		return nil, nil
	}
	if err != nil {
		return nil, conformance.ConditionError(conformance.ReportSource, err)
	}
	t.derive(report)
	t.source(report)
	return report, nil
}

// withheld counts what a source withholds whose hook does not count it: each question that it is
// asked while the gate is closed.
type withheld struct {
	derived bool // a report did not say it
	based   bool // from is known
	from    int  // how many questions there had been when the gate was closed, or a little later
}

// derive says in a report that does not say it how many questions the source withholds.
func (t *trial) derive(r *conformance.SourceReport) {
	if t.withheld.derived = r.Derived; !r.Derived || !t.held {
		return
	}
	asked := r.Checks + r.Fetches
	if !t.withheld.based {
		t.withheld.based, t.withheld.from = true, asked
	}
	r.Holding = asked - t.withheld.from
}

// hold closes the gate, if there is one.
func (t *trial) hold(ctx context.Context) error {
	if t.ungated {
		return nil
	}
	err := t.shut(ctx)
	if isUntestable(err) && t.unheld() {
		return nil
	}
	return err
}

// shut closes the gate.
func (t *trial) shut(ctx context.Context) error {
	if t.held {
		return nil
	}
	if err := t.condition(ctx, conformance.Hold); err != nil {
		return err
	}
	t.held, t.withheld.based = true, false
	if t.withheld.derived { // what is asked from here on is withheld
		_, err := t.report(ctx)
		return err
	}
	return nil
}

// release opens the gate, if there is one.
func (t *trial) release(ctx context.Context) error {
	if t.ungated {
		return nil
	}
	t.held = false
	return t.condition(ctx, conformance.Release)
}

// gate waits until the source withholds an answer: from then on the Device is
// provably pending. A source that does not report is trusted to withhold one
// after the settle time.
func (t *trial) gate(ctx context.Context) error {
	const text = "a question that the trusted source withholds the answer to"
	bound := t.profile.Timing.Settle + time.Second
	began, pause := time.Now(), time.Millisecond
	t.waits(text, began, bound)
	for {
		report, err := t.report(ctx)
		if err != nil {
			return err
		}
		left := bound - time.Since(began)
		switch {
		case report == nil:
			return t.pause(ctx, t.profile.Timing.Settle)
		case report.Holding > 0:
			t.waited(text, conformance.Seen)
			return nil
		case left <= 0:
			t.waited(text, conformance.Timeout)
			return nil
		}
		if err := t.pause(ctx, min(pause, left)); err != nil {
			return err
		}
		pause = min(2*pause, 250*time.Millisecond)
	}
}
