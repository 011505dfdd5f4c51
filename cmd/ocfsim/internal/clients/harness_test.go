package clients_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestOwnHarnessPasses: the harness of this project is a Client too, an onboarding tool
// and a controller. No rule fails it. Recommendations it breaks on purpose: it asks
// Devices for what they should not be asked.
func TestOwnHarnessPasses(t *testing.T) {
	bad := memnet.Impairment{Loss: 0.1, Duplicate: 0.2, Reorder: 0.2, Delay: 20 * time.Millisecond, Jitter: 30 * time.Millisecond}
	for _, c := range []struct {
		name      string
		unsecured bool
		network   memnet.Impairment
	}{
		{"unsecured", true, memnet.Impairment{}},
		{"secured", false, memnet.Impairment{}},
		{"over a network that loses, doubles and delays", true, bad},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runHarness(t, c.unsecured, c.network) })
		})
	}
}

func runHarness(t *testing.T, unsecured bool, network memnet.Impairment) {
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := suite.Selection{}.Load()
	if err != nil {
		t.Fatal(err)
	}
	var some []steps.Scenario
	for i := 0; i < len(all.Scenarios); i += 8 { // all of them take a quarter of a minute
		some = append(some, all.Scenarios[i])
	}
	recording := clients.New(clients.Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0", Secured: !unsecured})
	l, err := lab.OpenVirtual(lab.Config{Specimens: specimens, Unsecured: unsecured, Witness: recording}, memnet.New(1, network))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := suite.Run(t.Context(), suite.Config{Targets: l.Targets(), Selection: suite.Selection{Scenarios: some, Partial: true}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	results, err := recording.Conclude("test", "")
	if err != nil || len(results) == 0 {
		t.Fatalf("%d Clients: %v", len(results), err)
	}
	judged := 0
	for _, r := range results {
		for _, row := range r.Report.Requirements {
			for _, f := range row.Findings {
				judged++
				if f.Verdict == conformance.Fail || f.Verdict == conformance.Error {
					t.Errorf("%s: %s: %s at %.3f s, entry %d", r.Report.Target.Name, row.ID, f.Reason, f.AtS, f.Witness)
				}
			}
		}
	}
	if judged < 100 {
		t.Errorf("%d findings: the harness was hardly seen", judged)
	}
}
