package fleet_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// onLoopback runs a fleet on real sockets at free ports.
func onLoopback(t testing.TB, change func(*fleet.Config)) *fleet.Fleet {
	t.Helper()
	m := model(t, sim.Config{})
	src := source.New(source.Config{})
	config := fleet.Config{
		Devices: 300, Listen: netip.MustParseAddrPort("127.1.0.1:0"),
		Model: func(int) *sim.Model { return m }, Source: src, Seed: 7,
	}
	if change != nil {
		change(&config)
	}
	fl, err := fleet.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- fl.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		_ = src.Close()
	})
	return fl
}

// dialUDP makes a Client on a real socket.
func dialUDP(t testing.TB, to netip.AddrPort) *peer {
	t.Helper()
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &peer{t: t, conn: c, polite: true}
}

func TestSockets(t *testing.T) {
	for name, change := range map[string]func(*fleet.Config){
		"an address for each Device": nil,
		"a port for each Device":     func(c *fleet.Config) { c.PortPerDevice, c.Devices = true, 9 },
		"a port for each Device, IPv6": func(c *fleet.Config) {
			c.PortPerDevice, c.Devices, c.Listen = true, 9, netip.MustParseAddrPort("[::1]:0")
		},
		"the one address of IPv6": func(c *fleet.Config) { c.Devices, c.Listen = 1, netip.MustParseAddrPort("[::1]:0") },
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			t.Run("serve", func(t *testing.T) {
				fl := onLoopback(t, change)
				for i := range fl.Len() {
					// A connected socket receives answers only from the address that
					// was asked.
					p := dialUDP(t, fl.Addr(i))
					got := p.want("42 01 1234 aabb b3'oic' 01'd'", "62 45 1234 aabb c2 2710 ff")
					if id := fl.ID(i).String(); !containsText(got, id) {
						t.Fatalf("device %d at %v is not %s: %x", i, fl.Addr(i), id, got)
					}
				}
			})
		})
	}
}

// No answer comes from an address that no Device has.
func TestSilence(t *testing.T) {
	fl := onLoopback(t, nil)
	last := fl.Addr(fl.Len() - 1)
	p := dialUDP(t, netip.AddrPortFrom(last.Addr().Next(), last.Port()))
	p.send("40 01 1234" + pstat)
	dialUDP(t, last).want("40 01 1234"+pstat, "60 45")
	if got := p.receiveWithin(time.Millisecond); got != nil {
		t.Errorf("got %x", got)
	}
	if n := fl.Stats().Drops.NoDevice; n != 1 {
		t.Errorf("%d drops, want 1", n)
	}
}

// Everything happens at once, for the race detector.
func TestConcurrency(t *testing.T) {
	fl := onLoopback(t, nil)
	var all sync.WaitGroup
	for k := range 4 {
		all.Go(func() {
			p := dialUDP(t, fl.Addr(k))
			for i := range 100 {
				p.send(fmt.Sprintf("42 01 %04x 0b0e 60"+afterObserve, i))
				p.send(fmt.Sprintf("40 02 %04x"+pstat+"12 2710 ff a162'tm'1840", 0x1000+i))
				p.receiveWithin(time.Millisecond)
			}
		})
		all.Go(func() {
			for range 50 {
				fl.SwitchOff(k)
				fl.SwitchOn(k)
				_, _, _ = fl.State(k), fl.Version(k), fl.Stats()
			}
		})
		all.Go(func() {
			for _, c := range []string{"hold", "update-available", "release", "autonomous-update", "reboot", "no-update", "factory-reset", "report"} {
				if _, err := fl.Condition(fl.Addr(k).String(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
