package lab_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestAnotherDeviceInTheEnd puts another Device in the place of the one under test,
// at the same address: though what it does passes, the run is an error.
func TestAnotherDeviceInTheEnd(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success", "slow"})
	if err != nil {
		t.Fatal(err)
	}
	var scenarios []steps.Scenario
	for _, s := range catalogue(t) {
		if s.ID == oneID || s.ID == otherID {
			scenarios = append(scenarios, s)
		}
	}
	for name, replaced := range map[string]bool{"the same": false, "another": true} {
		synctest.Test(t, func(t *testing.T) {
			cfg := lab.Config{Specimens: specimens, Unsecured: true}
			l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
			if err != nil {
				t.Fatal(err)
			}
			under, other := l.Targets()[0], l.Targets()[1]
			swapped, dial := false, under.Dial
			under.Dial = func(ctx context.Context, address string) (net.Conn, error) {
				if swapped {
					address = strings.TrimPrefix(other.Profile.Endpoint, "coap://")
				}
				return dial(ctx, address)
			}
			res := runOne(t.Context(), t, suite.Config{
				Targets: []target.Config{under}, Selection: selected(scenarios),
				Progress: func(e reports.ProgressEvent) { swapped = swapped || replaced && e.Ended && e.Done == e.Total },
			})
			if code := suite.ExitCode([]suite.Result{res}); errors.Is(res.Err, suite.ErrStranger) != replaced || (code == suite.ExitError) != replaced {
				t.Errorf("%s: exit code %d, %v", name, code, res.Err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
