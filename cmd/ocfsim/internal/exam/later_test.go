package exam_test

import (
	"context"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/features"
)

// TestLaterEditions holds, for each edition after the first, the Devices that it adds to
// the scenarios that it adds: every deviant turns red exactly what it declares, a few
// compliant Devices nothing, and each requirement that the edition adds catches a deviant
// alone.
func TestLaterEditions(t *testing.T) {
	for _, e := range edition.All() {
		if e == edition.First() {
			continue
		}
		t.Run(e.ID, func(t *testing.T) { holdLater(t, e) })
	}
}

func holdLater(t *testing.T, e *edition.Edition) {
	t.Helper()
	all, err := exam.CandidatesOf(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(c exam.Candidate) bool {
		return c.Kind != exam.Deviant && !slices.Contains([]string{"success", "no-update", "edition-2-2"}, c.Name)
	})
	scenarios := added(t, e)
	outcomes, err := exam.Run(context.Background(), exam.Config{Candidates: all, Edition: e.ID, Selection: suite.Selection{Scenarios: scenarios}})
	if err != nil {
		t.Fatal(err)
	}
	m := exam.Matrix{Outcomes: outcomes, Scenarios: len(scenarios)}
	for _, o := range outcomes {
		if o.Err != nil || !o.Right() {
			t.Errorf("%s %s: %v: %v did not turn red, %v did and is not declared", o.Kind, o.Name, o.Err, o.Missed, o.Undeclared)
		}
		if len(o.Unsettled) > 0 && o.Kind != exam.Deviant {
			t.Errorf("%s %s: inconclusive: %+v", o.Kind, o.Name, o.Unsettled)
		}
	}
	for _, r := range judge.Of(e) {
		if r.Edition == e.ID && len(m.Alone(r.ID)) == 0 && r.NotAlone == "" {
			t.Errorf("%s alone catches no deviant, and its file gives no reason; it catches %v", r.ID, m.Caught(r.ID))
		}
	}
}

// added are the scenarios that only Devices of e are put through.
func added(t *testing.T, e *edition.Edition) []steps.Scenario {
	t.Helper()
	first, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	all, err := steps.LoadFor(e, features.FS, judge.IDsOf(e))
	if err != nil {
		t.Fatal(err)
	}
	for id, why := range e.Scenarios {
		if !slices.ContainsFunc(first.Scenarios, func(s steps.Scenario) bool { return s.ID == id }) {
			t.Errorf("%s leaves out scenario %s, which is none (%s)", e.ID, id, why)
		}
	}
	return slices.DeleteFunc(all.Scenarios, func(s steps.Scenario) bool {
		return slices.ContainsFunc(first.Scenarios, func(f steps.Scenario) bool { return f.ID == s.ID })
	})
}
