package lab_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestDevicesThatMoveAreFoundAgain runs what restarts or resets a Device against
// Devices that come back from it at another address each time, as where addresses are
// leased or ports are chosen anew: that is lawful, so nothing fails, and nothing is
// lost of what is judged.
func TestDevicesThatMoveAreFoundAgain(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success", "reboot-success"})
	if err != nil {
		t.Fatal(err)
	}
	restarts := slices.DeleteFunc(catalogue(t), func(s steps.Scenario) bool {
		return !slices.Contains(s.Stimuli, "S21") && !slices.Contains(s.Stimuli, "S26")
	})
	for _, unsecured := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			cfg := lab.Config{Specimens: specimens, Unsecured: unsecured, Moves: true}
			l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
			if err != nil {
				t.Fatal(err)
			}
			first, second := l.Fleet().Addr(0), l.Fleet().Addr(1)
			results, err := suite.Run(t.Context(), suite.Config{Targets: l.Targets(), Selection: selected(restarts)})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				c := r.Report.Counts
				if code := suite.ExitCode([]suite.Result{r}); c[conformance.Fail]+c[conformance.Error] > 0 || c[conformance.Pass] < 20 || code == suite.ExitError {
					t.Errorf("%s, unsecured %v: exit code %d, %v, %s", r.Report.Target.Name, unsecured, code, c, r.Report.Reason)
				}
			}
			if l.Fleet().Addr(0) == first && l.Fleet().Addr(1) == second {
				t.Error("no Device has moved")
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
