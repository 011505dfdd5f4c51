package lab_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// interrupted runs the suite against a secured Device, the named specimen. In the
// second scenario it calls happens and then interrupts the run.
func interrupted(t *testing.T, name string, happens func(*fleet.Fleet), check func(*fleet.Fleet, suite.Result)) {
	t.Helper()
	specimens, err := lab.Specimens([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l := openVirtual(t, specimens[0], secured)
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		res := runOne(ctx, t, suite.Config{Targets: l.Targets(), Progress: func(e reports.ProgressEvent) {
			if e.Done == 1 && !e.Ended && e.Waiting == "" && ctx.Err() == nil { // the second scenario begins
				if !l.Fleet().State(0).Owned {
					t.Error("the Device has no owner while the suite tests it")
				}
				happens(l.Fleet())
				interrupt()
			}
		}})
		check(l.Fleet(), res)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestInterruptedRunGivesBack checks that an interrupted run gives the Device back,
// whichever method it was owned by.
func TestInterruptedRunGivesBack(t *testing.T) {
	for _, name := range []string{"autonomous", "dos-excursion", "success"} {
		t.Run(name, func(t *testing.T) {
			interrupted(t, name, func(*fleet.Fleet) {}, func(f *fleet.Fleet, res suite.Result) {
				if state := f.State(0); state.Owned || state.DOS.String() != "RFOTM" {
					t.Errorf("the Device is left in %v, owned %v", state.DOS, state.Owned)
				}
				if code := suite.ExitCode([]suite.Result{res}); code != suite.ExitInterrupted || res.Err != nil {
					t.Errorf("exit code %d, %v", code, res.Err)
				}
			})
		})
	}
}

// TestWhatIsLeftIsAnError checks that a run whose Device can't be given back is an
// error that says so.
func TestWhatIsLeftIsAnError(t *testing.T) {
	interrupted(t, "success", func(f *fleet.Fleet) { f.SwitchOff(0) }, func(_ *fleet.Fleet, res suite.Result) {
		if !errors.Is(res.Err, suite.ErrLeft) || res.Report.Verdict != conformance.Error || !strings.Contains(res.Report.Reason, "left owned by") {
			t.Errorf("%v: verdict %s, %s", res.Err, res.Report.Verdict, res.Report.Reason)
		}
		if code := suite.ExitCode([]suite.Result{res}); code != suite.ExitError {
			t.Errorf("exit code %d", code)
		}
	})
}
