package clients_test

import (
	"net/netip"
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
		at        string   // where the Device is; "": on loopback
		passes    []string // ids that have to pass
	}{
		{"unsecured", true, memnet.Impairment{}, "", []string{"USE-1", "DOS-2", "MSG-2"}},
		{"secured", false, memnet.Impairment{}, "", []string{"USE-1", "DOS-2", "SEC-2"}},
		{"over a network that loses, doubles and delays", true, bad, "", []string{"USE-1", "MSG-1"}},
		{"by a Device that asks who is there", true, memnet.Impairment{}, "198.51.100.7:5683", []string{"USE-1", "MSG-12"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := lab.Config{Unsecured: c.unsecured}
				if c.at != "" {
					cfg.Listen = netip.MustParseAddrPort(c.at)
				}
				passed := runHarness(t, cfg, c.network)
				for _, id := range c.passes {
					if !passed[id] {
						t.Errorf("nothing shows %s kept", id)
					}
				}
			})
		})
	}
}

// runHarness is the rules that a finding shows kept by the harness, which no finding fails.
func runHarness(t *testing.T, cfg lab.Config, network memnet.Impairment) map[string]bool {
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
	recording := clients.New(clients.Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0", Secured: !cfg.Unsecured})
	cfg.Specimens, cfg.Witness = specimens, recording
	l, err := lab.OpenVirtual(cfg, memnet.New(1, network))
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
	judged, passed := 0, map[string]bool{}
	for _, r := range results {
		for _, row := range r.Report.Requirements {
			for _, f := range row.Findings {
				judged++
				passed[row.ID] = passed[row.ID] || f.Verdict == conformance.Pass
				if f.Verdict == conformance.Fail || f.Verdict == conformance.Error {
					t.Errorf("%s: %s: %s at %.3f s, entry %d", r.Report.Target.Name, row.ID, f.Reason, f.AtS, f.Witness)
				}
			}
		}
	}
	if judged < 100 {
		t.Errorf("%d findings: the harness was hardly seen", judged)
	}
	return passed
}
