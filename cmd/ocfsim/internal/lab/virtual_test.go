package lab_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// catalogue is every scenario of the built-in features.
func catalogue(t *testing.T) []steps.Scenario {
	t.Helper()
	all, err := suite.Selection{}.Load()
	if err != nil {
		t.Fatal(err)
	}
	return all.Scenarios
}

// selected is a part of the catalogue.
func selected(scenarios []steps.Scenario) suite.Selection {
	return suite.Selection{Scenarios: scenarios, Partial: true}
}

// runOne runs the suite against the one target of cfg.
func runOne(ctx context.Context, t *testing.T, cfg suite.Config) suite.Result {
	t.Helper()
	results, err := suite.Run(ctx, cfg)
	if err != nil || len(results) != 1 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	return results[0]
}

// security says whether Devices are secured; it names the subtests.
type security string

const (
	secured   security = "secured"
	unsecured security = "unsecured"
)

// runVirtual runs the scenarios against one specimen, in virtual time and over an
// in-memory network.
func runVirtual(t *testing.T, s lab.Specimen, how security, scenarios []steps.Scenario) assess.Report {
	t.Helper()
	var report assess.Report
	synctest.Test(t, func(t *testing.T) {
		l := openVirtual(t, s, how)
		res := runOne(context.Background(), t, suite.Config{Targets: l.Targets(), Selection: suite.Selection{Scenarios: scenarios}})
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if res.Err != nil {
			t.Error(res.Err)
		}
		report = res.Report
	})
	return report
}

// openVirtual runs one Device on a network of its own.
func openVirtual(t *testing.T, s lab.Specimen, how security) *lab.Lab {
	t.Helper()
	cfg := lab.Config{Specimens: []lab.Specimen{s}, Unsecured: how == unsecured}
	l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// verdictsOf lists the requirements that have the verdict.
func verdictsOf(r assess.Report, v conformance.Verdict) []string {
	var ids []string
	for _, q := range r.Requirements {
		if q.Verdict == v {
			ids = append(ids, q.ID)
		}
	}
	return ids
}

// explain lists what did not pass, for a failed test.
func explain(r assess.Report, verdicts ...conformance.Verdict) string {
	var b strings.Builder
	for _, q := range r.Requirements {
		if !slices.Contains(verdicts, q.Verdict) {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s %s", q.ID, q.Verdict, q.Reason)
		for _, f := range q.Findings {
			if f.Verdict == q.Verdict {
				fmt.Fprintf(&b, "\n    %s: want %s; got %s; %s", f.Scenario, f.Want, f.Got, f.Reason)
			}
		}
	}
	for _, s := range r.Scenarios {
		if slices.Contains(verdicts, s.Verdict) {
			fmt.Fprintf(&b, "\n%s %s %s", s.ID, s.Verdict, s.Reason)
		}
	}
	return b.String()
}

// today chooses which Devices have their turn with security, of which each is tried every
// few days.
var today = time.Now().YearDay()

// TestCompliantDevicesPassThroughSessions runs the whole suite against every behaviour
// and every compliant variant, with security. The exam does so without security.
func TestCompliantDevicesPassThroughSessions(t *testing.T) {
	scenarios := catalogue(t)
	specimens, err := lab.Specimens(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range specimens {
		if (i+today)%(spared+1) != 0 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			r := runVirtual(t, s, secured, scenarios)
			if r.Verdict != conformance.Pass && r.Verdict != conformance.Warn || len(verdictsOf(r, conformance.Inconclusive)) > 0 {
				t.Errorf("verdict %s%s", r.Verdict, explain(r, conformance.Fail, conformance.Error, conformance.Inconclusive))
			}
		})
	}
}

// TestDeviationsAreCaughtThroughSessions tries with security those deviant Devices
// that do not need it: each requirement that a deviant breaks has to turn red. The exam
// tries them without security, and also those that need it; it checks more.
func TestDeviationsAreCaughtThroughSessions(t *testing.T) {
	scenarios := catalogue(t)
	var caught atomic.Int32
	t.Run("each", func(t *testing.T) {
		for i, d := range fixtures.Deviations() {
			if d.Secured || d.Explored || (i+today)%(spared+1) != 0 || unownable(d) {
				continue
			}
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				if isCaught(t, d, scenarios) {
					caught.Add(1)
				}
			})
		}
	})
	if n, want := caught.Load(), int32(60/(spared+1)); n < want {
		t.Errorf("%d deviations caught, want at least %d", n, want)
	}
}

// unownable reports whether nobody can own a Device with d, since its pstat does not
// show RFOTM. A run against it is an error, and never a pass.
func unownable(d sim.Deviation) bool {
	return slices.Contains([]string{"dos-text", "dos-absent"}, d.Name)
}

// TestWhatCanNotBeOwnedIsAnError checks that a run against such a Device is an error.
func TestWhatCanNotBeOwnedIsAnError(t *testing.T) {
	tried := 0
	for _, d := range fixtures.Deviations() {
		if !unownable(d) {
			continue
		}
		s, err := lab.Deviant(d)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			l := openVirtual(t, s, secured)
			res := runOne(context.Background(), t, suite.Config{Targets: l.Targets()})
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if res.Err == nil || res.Report.Verdict != conformance.Error {
				t.Errorf("%s: verdict %s, error %v", d.Name, res.Report.Verdict, res.Err)
			}
		})
		tried++
	}
	if tried != 2 {
		t.Errorf("%d tried, want 2", tried)
	}
}

// isCaught runs the scenarios that are about the requirements which d breaks and, if
// they do not catch it, all scenarios.
func isCaught(t *testing.T, d sim.Deviation, scenarios []steps.Scenario) bool {
	t.Helper()
	s, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	if some := about(d, scenarios); len(some) > 0 {
		if missed, _ := missedBy(t, s, d, secured, some); len(missed) == 0 {
			return true
		}
	}
	missed, r := missedBy(t, s, d, secured, scenarios)
	if len(missed) > 0 {
		t.Errorf("%v did not turn red%s", missed, explain(r, conformance.Inconclusive, conformance.Error))
	}
	return len(missed) == 0
}

// missedBy runs the scenarios and returns the requirements that d breaks but that did
// not turn red.
func missedBy(t *testing.T, s lab.Specimen, d sim.Deviation, how security, scenarios []steps.Scenario) ([]string, assess.Report) {
	t.Helper()
	r := runVirtual(t, s, how, scenarios)
	red := append(verdictsOf(r, conformance.Fail), verdictsOf(r, conformance.Warn)...)
	return slices.DeleteFunc(slices.Clone(d.Breaks), func(id string) bool { return slices.Contains(red, id) }), r
}

// about are the scenarios that are tagged with a requirement which d breaks.
func about(d sim.Deviation, scenarios []steps.Scenario) []steps.Scenario {
	return slices.DeleteFunc(slices.Clone(scenarios), func(s steps.Scenario) bool {
		return !slices.ContainsFunc(d.Breaks, func(id string) bool { return slices.Contains(s.Requirements, id) })
	})
}
