package fleet_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// TestStart runs Devices at ports that the system chooses, and checks that nothing
// is left behind.
func TestStart(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	slow := behaviour
	slow.Name, slow.Update = "slow", sim.Update{Steps: []sim.Step{{After: 2 * slow.Update.Steps[0].After}}}
	f, err := fleet.Start(t.Context(), fleet.Options{Behaviours: []sim.Behaviour{behaviour, slow}, Devices: 5, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for i := range f.Len() {
		if at := f.Addr(i); !at.Addr().IsLoopback() || at.Port() == 0 || f.URI(i) != "coap://"+at.String() || taken[f.URI(i)] {
			t.Errorf("Device %d is at %s", i, f.URI(i))
		}
		taken[f.URI(i)] = true
		if got := f.Behaviour(i).Name; got != []string{"success", "slow"}[i%2] {
			t.Errorf("Device %d plays %s", i, got)
		}
	}
	if len(taken) != 5 {
		t.Errorf("%d Devices", len(taken))
	}
	last := dialUDP(t, f.Addr(4))
	last.send("40 01 1234 b3 6f6963 03 726573") // CON GET /oic/res
	if last.receive() == nil {
		t.Error("the last Device does not answer")
	}
	if _, err := f.Condition(f.URI(3), "no-update"); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A fleet also ends with its context. If no number is given, there is one Device for
// each behaviour.
func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, err := fleet.Start(ctx, fleet.Options{Behaviours: []sim.Behaviour{behaviour, behaviour}, Listen: netip.MustParseAddrPort("127.0.0.1:0")})
	if err != nil {
		t.Fatal(err)
	}
	if f.Len() != 2 {
		t.Errorf("%d Devices", f.Len())
	}
	cancel()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartRefuses(t *testing.T) {
	for want, o := range map[string]fleet.Options{
		"Behaviours: none":            {},
		"Behaviours: behaviour ":      {Behaviours: []sim.Behaviour{{Name: "empty"}}},
		"speed: -1":                   {Behaviours: []sim.Behaviour{behaviour}, Speed: -1},
		"devices: -1":                 {Behaviours: []sim.Behaviour{behaviour}, Devices: -1},
		"listen: 0.0.0.0:5683 is not": {Behaviours: []sim.Behaviour{behaviour}, Listen: netip.MustParseAddrPort("0.0.0.0:5683")},
	} {
		if _, err := fleet.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
