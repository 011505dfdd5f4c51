package clients

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// owner owns the Devices of the fleet, and has a key.
var (
	owner    = ocf.UUID{0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x41, 0x11, 0x81, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11}
	ownerKey = [16]byte([]byte("0123456789abcdef"))
)

// visitors are the Clients of TestClientsOfAFleet: each goes to every Device, in a session of
// its own or in the clear.
func visitors() []candidate {
	return []candidate{
		{name: "compliant", passes: "USE-1 WRITE-4 SEC-1 SEC-2", does: func(c *scripted, _ *fleet.Fleet) {
			checkAndUpdate(c)
			c.wait(ocf.SSU)
		}},
		{name: "acts by what arrived last", warns: "WATCH-2", passes: "SEC-1 SEC-2", variant: "end-in-one-step", deviation: "numbers-back", does: func(c *scripted, _ *fleet.Fleet) {
			checkAndUpdate(c)
			c.wait(ocf.SSU)
		}},
		{name: "comes again before Max-Age", warns: "ANSWER-2", passes: "SEC-1 SEC-2", replay: busy{until: time.Hour, maxAge: 10}, does: func(c *scripted, _ *fleet.Fleet) {
			for range 2 {
				c.do(c.post(ocf.SVV))
			}
		}},
		{name: "hammers on 5.03", warns: "ANSWER-2", passes: "SEC-1 SEC-2", replay: busy{until: time.Hour}, does: func(c *scripted, _ *fleet.Fleet) {
			for range stubborn {
				c.do(c.post(ocf.SVV))
			}
		}},
		{name: "writes in the clear", warns: "SEC-1", clear: true, does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
		}},
		{name: "reads in the clear", clear: true, passes: "MSG-2", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.get())
			c.do(c.get())
		}},
	}
}

// stubborn is after how many refusals in a row ANSWER-2 warns.
const stubborn = 4

// TestClientsOfAFleet: over sockets and in real sessions, too, each Client is caught by
// exactly the rule that it breaks, with every Device of the fleet.
func TestClientsOfAFleet(t *testing.T) {
	for _, c := range visitors() {
		t.Run(c.name, func(t *testing.T) {
			const devices = 3
			recording := New(Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0", Secured: true})
			f := openSockets(t, c, devices, recording)
			for i := range f.Len() {
				c.visit(t, f, i)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			results, err := recording.Conclude("test", "")
			if err != nil || len(results) != 1 {
				t.Fatalf("%d Clients, want 1: %v", len(results), err)
			}
			got := verdicts(results[0])
			for verdict, want := range map[conformance.Verdict]string{conformance.Fail: "", conformance.Warn: c.warns} {
				if is := strings.Join(got[verdict], " "); is != want {
					t.Errorf("%s: %q, want %q\n%s", verdict, is, want, reasons(results[0]))
				}
			}
			for _, row := range results[0].Report.Requirements {
				if row.ID == c.warns && len(row.Findings) != devices {
					t.Errorf("%s: %d findings, want one of each of %d Devices", row.ID, len(row.Findings), devices)
				}
			}
			for id := range strings.FieldsSeq(c.passes) {
				if !slices.Contains(got[conformance.Pass], id) {
					t.Errorf("%s did not pass\n%s", id, reasons(results[0]))
				}
			}
		})
	}
}

// openSockets runs Devices that have an owner, on loopback.
func openSockets(t *testing.T, c candidate, devices int, witness fleet.Witness) *fleet.Fleet {
	cfg := modelOf(t, c)
	cfg.Security, cfg.Speed = &sim.Security{Owner: owner, OwnerKey: ownerKey}, 20
	model, err := sim.NewModel(cfg)
	if err != nil {
		t.Fatal(err)
	}
	from := source.New(source.Config{})
	f, err := fleet.Open(fleet.Config{
		Devices: devices, Listen: netip.MustParseAddrPort("127.13.0.1:0"), Secure: new(fleet.Secure),
		Model: func(int) *sim.Model { return model }, Source: from, Witness: witness, Replay: c.replay,
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- f.Serve(t.Context()) }()
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		_ = from.Close()
	})
	return f
}

// visit lets c do what it does with Device i, as its owner or in the clear.
func (c *candidate) visit(t *testing.T, f *fleet.Fleet, i int) {
	to := f.SecureAddr(i)
	if c.clear {
		to = f.Addr(i)
	}
	raw, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.13.9.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	var conn net.Conn = &fixedPeer{UDPConn: raw, to: to}
	if !c.clear {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if conn, err = (secure.Client{Identity: owner[:], Key: ownerKey[:]}).Dial(ctx, raw, net.UDPAddrFromAddrPort(to)); err != nil {
			t.Fatal(err)
		}
	}
	c.does(&scripted{t: t, conn: conn, mid: 100}, f)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// fixedPeer is a socket that talks to one address.
type fixedPeer struct {
	*net.UDPConn
	to netip.AddrPort
}

func (p *fixedPeer) Write(b []byte) (int, error) { return p.WriteToUDPAddrPort(b, p.to) }
