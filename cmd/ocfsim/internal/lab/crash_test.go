package lab_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// TestNothingPassesBeforeTheEnd looks into the folder of a run while the run goes on,
// which is what a crash would leave: the only verdict is error, even if an earlier run
// into the same folder passed.
func TestNothingPassesBeforeTheEnd(t *testing.T) {
	plan := planned(t, "success", "no-update")
	dir, looked := plan.Dir, 0
	results, err := suite.Run(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if got := suite.ExitCode(results); got != suite.ExitPass {
		t.Fatalf("exit code %d of a run that was not interrupted", got)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	plan.Progress = func(reports.ProgressEvent) {
		if ctx.Err() != nil {
			return
		}
		interrupt()
		looked++
		data, err := os.ReadFile(filepath.Join(dir, "success", reports.ResultsFile))
		if err != nil || !strings.Contains(string(data), `"reason": "incomplete"`) || strings.Contains(string(data), `"pass"`+",") {
			t.Errorf("while the run goes on results.json says %v %s", err, data)
		}
		if _, err := os.Stat(filepath.Join(dir, "success", "junit.xml")); err == nil {
			t.Error("junit.xml of an earlier run is still there")
		}
	}
	plan.Targets = plan.Targets[:1]
	plan.Dir = filepath.Join(dir, "success")
	results, err = suite.Run(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	if looked != 1 {
		t.Errorf("looked %d times while it ran, want once", looked)
	}
	if got := suite.ExitCode(results); got != suite.ExitInterrupted {
		t.Errorf("exit code %d, want %d", got, suite.ExitInterrupted)
	}
	again, err := suite.Rejudge(plan.Dir, suite.Judging{})
	if err != nil {
		t.Fatal(err)
	}
	if got := suite.ExitCode(again); got != suite.ExitInterrupted {
		t.Errorf("judged again: exit code %d, want %d", got, suite.ExitInterrupted)
	}
}

// TestAPanicIsTheErrorOfItsRun lets the program panic in one of two runs that go on
// side by side: the other run ends as usual, the exit code is that of an error, and
// the results of the first say incomplete.
func TestAPanicIsTheErrorOfItsRun(t *testing.T) {
	plan := planned(t, "success", "no-update")
	plan.Progress = func(e reports.ProgressEvent) {
		if e.Target == "success" {
			panic("at the disco")
		}
	}
	results, err := suite.Run(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Report.Verdict != conformance.Error || !strings.Contains(r.Report.Reason, "internal error: at the disco") {
		t.Errorf("verdict %s, %s", r.Report.Verdict, r.Report.Reason)
	}
	if got := suite.ExitCode(results[1:]); got != suite.ExitPass {
		t.Errorf("exit code %d of the other run", got)
	}
	if got := suite.ExitCode(results); got != suite.ExitError {
		t.Errorf("exit code %d, want %d", got, suite.ExitError)
	}
	data, err := os.ReadFile(filepath.Join(plan.Dir, "success", reports.ResultsFile))
	if err != nil || !strings.Contains(string(data), `"reason": "internal error: at the disco`) {
		t.Errorf("results.json says %v %s", err, data)
	}
}

// TestWhatCannotBeWrittenIsAnError makes it impossible, while a run goes on, to write
// one of its files, or to move it to its place: though all requirements pass, the run is an
// error, and no file says that it passed.
func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	plan := planned(t, "success")
	for _, name := range append(reports.Files(), suite.SumsFile, "timelines") {
		for _, in := range []string{".", suite.UnfinishedDir} {
			dir, n := t.TempDir(), 0
			plan.Dir = dir
			plan.Progress = func(reports.ProgressEvent) {
				if n++; n == 1 {
					obstruct(t, filepath.Join(dir, in, name))
				}
			}
			results, err := suite.Run(context.Background(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if got := suite.ExitCode(results); got != suite.ExitError || !strings.Contains(results[0].Report.Reason, name) && name != "timelines" {
				t.Errorf("%s/%s: exit code %d, %s", in, name, got, results[0].Report.Reason)
			}
			left, err := suite.Read(dir)
			if err != nil || left[0].Verdict != conformance.Error {
				t.Errorf("%s/%s: what is left: %v, %v", in, name, left, err)
			}
		}
	}
}

// planned is a run over one scenario of unsecured Devices, into a folder of its own.
func planned(t *testing.T, devices ...string) suite.Config {
	t.Helper()
	specimens, err := lab.Specimens(devices)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(lab.Config{Specimens: specimens, Unsecured: true, Listen: lab.Loopback})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return suite.Config{
		Targets: l.Targets(), Selection: selected(applicable(t, l.Targets()[0].Profile)[:1]), Dir: t.TempDir(),
		Rerun: func(_, scenario string) string { return scenario },
	}
}

// obstruct puts a folder where a file has to be written, or a file where a folder has to be.
func obstruct(t *testing.T, path string) {
	t.Helper()
	err := os.RemoveAll(path)
	if filepath.Base(path) == "timelines" {
		err = errors.Join(err, os.WriteFile(path, nil, 0o644))
	} else {
		err = errors.Join(err, os.MkdirAll(filepath.Join(path, "in the way"), 0o755))
	}
	if err != nil {
		t.Error(err)
	}
}

// applicable are the scenarios that apply to a target.
func applicable(t *testing.T, p conformance.Profile) []steps.Scenario {
	t.Helper()
	return slices.DeleteFunc(catalogue(t), func(s steps.Scenario) bool { return steps.Applicable(s, p) != "" })
}
