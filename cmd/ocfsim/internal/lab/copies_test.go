package lab_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Devices that share their scenarios are judged as one that runs them all is. In which
// scenarios a deviation shows hangs on what the Device did before.
func TestCopiesAreJudgedAsOne(t *testing.T) {
	few, err := lab.Few()
	if err != nil {
		t.Fatal(err)
	}
	specimens := []lab.Specimen{few[0], deviant(t, "isop-number")}
	for _, s := range specimens {
		t.Run(s.Name, func(t *testing.T) {
			alone, shared := runShared(t, s, 0), runShared(t, s, 3)
			if alone.Target.Devices != 0 || shared.Target.Devices != 4 {
				t.Errorf("%d Devices alone, %d side by side", alone.Target.Devices, shared.Target.Devices)
			}
			if len(alone.Scenarios) != len(shared.Scenarios) {
				t.Fatalf("%d scenarios alone, %d side by side", len(alone.Scenarios), len(shared.Scenarios))
			}
			for i, a := range alone.Scenarios {
				if b := shared.Scenarios[i]; a.ID != b.ID || a.Verdict != b.Verdict && s.Deviations == nil {
					t.Errorf("%s is %s alone, and %s is %s side by side: %s", a.ID, a.Verdict, b.ID, b.Verdict, b.Reason)
				}
			}
			for i, a := range alone.Requirements {
				if b := shared.Requirements[i]; a.ID != b.ID || a.Verdict != b.Verdict {
					t.Errorf("%s is %s alone, and %s is %s side by side", a.ID, a.Verdict, b.ID, b.Verdict)
				}
			}
			if shared.DurationS > alone.DurationS/2 {
				t.Errorf("four Devices take %.1f s of virtual time, and one %.1f s", shared.DurationS, alone.DurationS)
			}
		})
	}
}

// Of Devices that share their scenarios, each scenario is held to the one before it on
// the same Device: an update that is undone after its scenario is found by the next.
func TestACopyIsHeldToItsOwnPast(t *testing.T) {
	report := runShared(t, deviant(t, "update-undone"), 2)
	for _, q := range report.Requirements {
		if q.ID == "SSU-5" && q.Verdict != conformance.Fail {
			t.Errorf("%s is %s", q.ID, q.Verdict)
		}
	}
}

// deviant is a Device with the named deviation.
func deviant(t *testing.T, name string) lab.Specimen {
	t.Helper()
	d, err := fixtures.Deviation(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runShared runs the suite against s and so many copies of it, in virtual time, judges
// what was recorded again, and returns the report.
func runShared(t *testing.T, s lab.Specimen, copies int) assess.Report {
	t.Helper()
	dir := t.TempDir()
	var report assess.Report
	synctest.Test(t, func(t *testing.T) {
		cfg := lab.Config{Specimens: []lab.Specimen{s}, Copies: copies, Unsecured: true}
		l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
		if err != nil {
			t.Fatal(err)
		}
		res := runOne(context.Background(), t, suite.Config{Targets: l.Targets(), Copies: l.Copies(), Dir: dir})
		if err := l.Close(); err != nil || res.Err != nil {
			t.Errorf("closing: %v, running: %v", err, res.Err)
		}
		report = res.Report
	})
	again, err := suite.Rejudge(dir, suite.Judging{})
	if err != nil || len(again) != 1 || len(again[0].Changes) > 0 {
		t.Errorf("judged again: %v, %v", again, err)
	}
	return report
}
