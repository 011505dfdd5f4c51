package lookout

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestIdleDevicesTakeNoPage: a Device that does nothing takes nothing but its bit.
func TestIdleDevicesTakeNoPage(t *testing.T) {
	behaviour, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewModel(sim.Config{Behaviour: behaviour})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBoard(1000)
		f, err := fleet.Open(fleet.Config{
			Devices: 1000, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: conn, Watch: b, Model: func(int) *sim.Model { return m },
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		for i, p := range b.pages {
			if p != nil {
				t.Fatalf("page %d: its first Device stands %+v, the first of all %+v", i, p[0].is, b.first)
			}
		}
	})
}
