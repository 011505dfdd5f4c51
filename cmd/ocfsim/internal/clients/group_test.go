package clients

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/client"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// What each Device answers to a search is in the record of it, with its sender. A Client that
// rejects the answers has no conversation with any of the Devices by that.
func TestEachAnswerToASearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New(1, memnet.Impairment{})
		conn, err := network.Wildcard(device.Port())
		if err != nil {
			t.Fatal(err)
		}
		model, err := sim.NewModel(modelOf(t, candidate{}))
		if err != nil {
			t.Fatal(err)
		}
		recording := New(Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0"})
		f, err := fleet.Open(fleet.Config{Devices: 3, Listen: device, Conn: conn, Model: func(int) *sim.Model { return model }, Witness: recording})
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- f.Serve(t.Context()) }()
		one := dial(t, network, device)
		answering(0x70)(one, f)
		time.Sleep(time.Second)
		_ = one.conn.Close()
		_ = f.Close()
		if err := <-served; err != nil {
			t.Fatal(err)
		}
		results, err := recording.Conclude("test", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(results) != 1 || len(results[0].Report.Scenarios) != 1 {
			t.Fatalf("%d results, want one, with one conversation", len(results))
		}
		var from []string
		for _, o := range recording.order[0].order[0].recorder.Timeline().Observations {
			if o.Kind != conformance.Response {
				continue
			}
			who, ok := strings.CutPrefix(o.Text, client.ByMember)
			name, at, _ := strings.Cut(who, " at ")
			if i, is := indexOf(at); !ok || o.For == nil || *o.For != 0 || !is || name != f.ID(i).String() {
				t.Errorf("%+v", o)
			}
			from = append(from, at)
		}
		if len(from) != 3 {
			t.Errorf("answers from %v", from)
		}
	})
}

// indexOf is which Device has the address.
func indexOf(at string) (int, bool) {
	a, err := netip.ParseAddrPort(at)
	if err != nil {
		return 0, false
	}
	for i, addr := 0, device.Addr(); i < 3; i, addr = i+1, addr.Next() {
		if a.Addr() == addr {
			return i, true
		}
	}
	return 0, false
}
