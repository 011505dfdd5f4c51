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
