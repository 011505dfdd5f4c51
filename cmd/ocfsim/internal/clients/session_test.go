package clients_test

import (
	"context"
	"encoding/hex"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestSessionsOfClients: what a Client does with sessions is recorded and judged, though
// nothing is said within them.
func TestSessionsOfClients(t *testing.T) {
	tool := secure.Client{OTM: new(secure.JustWorks)}
	stranger := secure.Client{Identity: make([]byte, 16), Key: make(secure.Key, 16)}
	for _, c := range []struct {
		name string
		does func(*caller)
		want map[string]conformance.Verdict
	}{
		{"closes", func(c *caller) {
			c.dial(tool, true)
		}, map[string]conformance.Verdict{"SEC-2": conformance.Pass, "SEC-3": conformance.Pass}},
		{"leaves its session open", func(c *caller) {
			c.dial(tool, false)
			time.Sleep(5 * time.Minute)
		}, map[string]conformance.Verdict{"SEC-2": conformance.Warn, "SEC-3": conformance.Pass}},
		{"tries out keys", func(c *caller) {
			for range 5 {
				c.dial(stranger, true)
			}
		}, map[string]conformance.Verdict{"SEC-2": conformance.NotApplicable, "SEC-3": conformance.Warn}},
		{"is wrong once and then right", func(c *caller) {
			c.dial(stranger, true)
			c.dial(tool, true)
		}, map[string]conformance.Verdict{"SEC-2": conformance.Pass, "SEC-3": conformance.Pass}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				verdicts := sessionsOf(t, c.does)
				for id, want := range c.want {
					if got := verdicts[id]; got != want {
						t.Errorf("%s: %s, want %s", id, got, want)
					}
				}
			})
		})
	}
}

// caller calls the one Device of a network, from one address and a new port each time.
type caller struct {
	t       *testing.T
	network *memnet.Net
	port    uint16
}

// from connects to a port of the Device.
func (c *caller) from(port uint16) *memnet.Conn {
	c.port++
	conn, err := c.network.DialFrom(netip.AddrPortFrom(netip.MustParseAddr("192.0.2.9"), 40000+c.port), netip.AddrPortFrom(lab.VirtualAddr.Addr(), port))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// choose chooses Just Works, in the clear as an onboarding tool has to.
func (c *caller) choose() {
	raw, err := hex.DecodeString("40020001" + "b36f6963" + "03736563" + "04646f786d" + "122710" + "ff" + "a1666f786d73656c00")
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.from(lab.VirtualAddr.Port()).Write(raw); err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(time.Second)
}

// dial runs a handshake, and closes the session if it is to.
func (c *caller) dial(with secure.Client, closes bool) {
	raw := c.from(lab.VirtualAddr.Port() + 1)
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	conn, err := with.Dial(ctx, raw, raw.RemoteAddr())
	if err == nil && closes {
		_ = conn.Close()
	}
	time.Sleep(time.Second)
}

// sessionsOf has a Client call an unowned Device, and returns the verdict of each rule.
func sessionsOf(t *testing.T, does func(*caller)) map[string]conformance.Verdict {
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	network := memnet.New(1, memnet.Impairment{})
	recording := clients.New(clients.Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0", Secured: true})
	l, err := lab.OpenVirtual(lab.Config{Specimens: specimens, Witness: recording}, network)
	if err != nil {
		t.Fatal(err)
	}
	c := &caller{t: t, network: network}
	c.choose()
	does(c)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	results, err := recording.Conclude("test", "")
	if err != nil || len(results) != 1 {
		t.Fatalf("%d Clients, %v", len(results), err)
	}
	verdicts := map[string]conformance.Verdict{}
	for _, row := range results[0].Report.Requirements {
		verdicts[row.ID] = row.Verdict
	}
	return verdicts
}
