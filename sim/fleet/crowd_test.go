package fleet_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// stalled begins a handshake as c, and sends no more than two ClientHellos of it.
func (w *world) stalled(c secure.Client, from string, to netip.AddrPort, done *sync.WaitGroup) *sieve {
	w.Helper()
	raw, err := w.net.DialFrom(addrPort(from), to)
	if err != nil {
		w.Fatal(err)
	}
	s := &sieve{PacketConn: raw, limit: 2}
	done.Go(func() {
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		if conn, err := c.Dial(ctx, s, raw.RemoteAddr()); err == nil {
			_ = conn.Close()
			w.Error("a stalled handshake has ended well")
		}
	})
	return s
}

// opens performs a handshake from an address and returns how long it took.
func (w *world) opens(c secure.Client, from string, to netip.AddrPort) time.Duration {
	w.Helper()
	raw, err := w.net.DialFrom(addrPort(from), to)
	if err != nil {
		w.Fatal(err)
	}
	began := time.Now()
	if _, err := w.callFrom(c, raw, to); err != nil {
		w.Fatalf("%s: %v", from, err)
	}
	return time.Since(began)
}

// An address that begins handshakes without end, at one Device or at all, keeps no other
// from having its own at once.
func TestHandshakesOfTheGreedy(t *testing.T) {
	for name, devices := range map[string]int{"at one Device": 1, "at all Devices": 8} {
		t.Run(name, func(t *testing.T) {
			change := func(c *fleet.Config) { c.Devices, c.Secure.MaxHandshakes = 8, 20 }
			inSecureWorld(t, owned(), memnet.Impairment{Delay: 10 * time.Millisecond}, change, func(w *world) {
				var done sync.WaitGroup
				for i := range 100 {
					w.stalled(asOwner(), fmt.Sprintf("203.0.113.1:%d", 1000+i), w.fleet.SecureAddr(i%devices), &done)
				}
				time.Sleep(500 * time.Millisecond)
				if s := w.fleet.Stats().Secure; s.Underway != min(20, 5*devices) || s.CrowdedOut != 0 {
					t.Errorf("%+v", s)
				}
				if took := w.opens(asOwner(), "198.51.100.7:1000", w.fleet.SecureAddr(0)); took > 100*time.Millisecond {
					t.Errorf("another Client waited %v", took)
				}
				if s := w.fleet.Stats().Secure; s.CrowdedOut != 1 || s.Sessions != 1 {
					t.Errorf("%+v", s)
				}
				// Nobody can tell a Client of the same address from the others; it has to
				// wait until nothing was heard of one of them for a second.
				time.Sleep(time.Second)
				w.opens(asOwner(), "203.0.113.1:999", w.fleet.SecureAddr(0))
				done.Wait()
				synctest.Wait()
				if s := w.fleet.Stats().Secure; s.Underway != 0 || s.Sessions != 2 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// choosesJustWorks chooses the method for Device 1.
func (w *world) choosesJustWorks() {
	w.Helper()
	w.dial("127.1.0.2:5683").want("40 02 0001 b3'oic' 03'sec' 04'doxm' 12 2710 ff a166'oxmsel'00", "60 44 0001")
}

// Whoever sends what looks like the last flight of an owner transfer, again and again,
// keeps the owner out for a moment only.
func TestTransfersThatAreOnlyHeld(t *testing.T) {
	inSecureWorld(t, &sim.Security{}, memnet.Impairment{Delay: 10 * time.Millisecond}, nil, func(w *world) {
		w.choosesJustWorks()
		var done sync.WaitGroup
		var greedy []*sieve
		tool := secure.Client{OTM: new(secure.JustWorks)}
		for i := range 8 {
			greedy = append(greedy, w.stalled(tool, fmt.Sprintf("203.0.113.1:%d", 1000+i), w.fleet.SecureAddr(1), &done))
		}
		time.Sleep(500 * time.Millisecond)
		last := append([]byte{22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 64}, make([]byte, 64)...)
		done.Go(func() {
			for _, s := range greedy {
				_, _ = s.PacketConn.WriteTo(last, net.UDPAddrFromAddrPort(w.fleet.SecureAddr(1)))
				time.Sleep(900 * time.Millisecond)
			}
		})
		time.Sleep(50 * time.Millisecond)
		if took := w.opens(tool, "198.51.100.7:1000", w.fleet.SecureAddr(1)); took > 2*time.Second {
			t.Errorf("the owner waited %v", took)
		}
		done.Wait()
	})
}

// A transfer that was begun and left alone does not keep others from theirs for long.
func TestTransfersThatAreLeftAlone(t *testing.T) {
	inSecureWorld(t, &sim.Security{}, memnet.Impairment{}, nil, func(w *world) {
		w.choosesJustWorks()
		tool := secure.Client{OTM: new(secure.JustWorks)}
		w.session(tool, 1)
		time.Sleep(fleet.TransferIdle + 30*time.Second) // in the bubble's time; RESET is over
		if s := w.fleet.State(1); s.DOS != ocf.RFOTM || w.fleet.Sessions() != 0 {
			t.Fatalf("%+v", s)
		}
		w.choosesJustWorks()
		w.session(tool, 1)
	})
}
