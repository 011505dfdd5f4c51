package suite_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/reports"
)

// TestNothingPassesBeforeTheEnd looks at the folder of a run while it runs, as
// a crash would leave it: no verdict but error, also where an earlier run into
// the same folder passed.
func TestNothingPassesBeforeTheEnd(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success", "no-update"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(lab.Config{Specimens: specimens, Unsecured: true, Listen: lab.Loopback})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dir := t.TempDir()
	looked := 0
	plan := suite.Plan{
		Targets: l.Targets(), Scenarios: applicable(t, l.Targets()[0].Profile)[:1], Partial: true, Dir: dir,
		Rerun: func(_, scenario string) string { return scenario }, Progress: func(reports.Event) {},
	}
	results, err := suite.RunAll(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if got := suite.ExitCode(results); got != suite.ExitPass {
		t.Fatalf("exit code %d of a run that ended", got)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	plan.Progress = func(reports.Event) {
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
	results, err = suite.RunAll(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	if looked != 1 {
		t.Errorf("looked %d times while it ran, want once", looked)
	}
	if got := suite.ExitCode(results); got != suite.ExitInterrupted {
		t.Errorf("exit code %d, want %d", got, suite.ExitInterrupted)
	}
	again, err := suite.RejudgeAll(plan.Dir, suite.Judging{})
	if err != nil {
		t.Fatal(err)
	}
	if got := suite.ExitCode(again); got != suite.ExitInterrupted {
		t.Errorf("judged again: exit code %d, want %d", got, suite.ExitInterrupted)
	}
}

// applicable are the scenarios that apply to a target.
func applicable(t *testing.T, p conformance.Profile) []steps.Scenario {
	t.Helper()
	return slices.DeleteFunc(catalogue(t), func(s steps.Scenario) bool { return steps.Applicable(s, p) != "" })
}
