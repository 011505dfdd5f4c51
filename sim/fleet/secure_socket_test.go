package fleet_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// dialDTLS opens a session of the owner over a real socket.
func dialDTLS(t testing.TB, to netip.AddrPort) *peer {
	t.Helper()
	raw, err := net.ListenUDP("udp", &net.UDPAddr{IP: to.Addr().AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := asOwner().Dial(ctx, raw, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &peer{t: t, conn: c}
}

// Devices are served with and without security at the same time, each at its own
// address or port, and they list both endpoints.
func TestSecureSockets(t *testing.T) {
	for name, change := range map[string]func(*fleet.Config){
		"an address for each Device": nil,
		"a port for each Device":     func(c *fleet.Config) { c.PortPerDevice, c.Devices = true, 9 },
		"a port for each Device, IPv6": func(c *fleet.Config) {
			c.PortPerDevice, c.Devices, c.Listen = true, 9, netip.MustParseAddrPort("[::1]:0")
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			t.Run("serve", func(t *testing.T) { serveBoth(t, change) })
		})
	}
}

func serveBoth(t *testing.T, change func(*fleet.Config)) {
	fl := onSecureLoopback(t, change)
	for _, i := range []int{0, 1, fl.Len() - 1} {
		at := fl.SecureAddr(i)
		if at.Addr() != fl.Addr(i).Addr() || at == fl.Addr(i) {
			t.Errorf("device %d is at %v and at %v", i, fl.Addr(i), at)
		}
		p, q := dialDTLS(t, at), dialUDP(t, fl.Addr(i))
		p.want("40 01 0001"+pstat, "60 45 0001")
		q.want("40 01 0001"+pstat, "60 81 0001")
		links := string(q.want("40 01 0002 b3'oic' 03'res'", "60 45 0002"))
		if !strings.Contains(links, "coap://"+fl.Addr(i).String()) || !strings.Contains(links, "coaps://"+at.String()) {
			t.Errorf("device %d: %q", i, links)
		}
		for _, name := range []string{at.String(), "coaps://" + at.String()} {
			if found, err := fl.Find(name); err != nil || found[0] != i {
				t.Errorf("%s: %v, %v", name, found, err)
			}
		}
	}
	if s := fl.Stats().Secure; s.Sessions != 3 || s.Handshakes != 3 || fl.Sessions() != 3 {
		t.Errorf("%+v", s)
	}
}

// Everything happens at once, for the race detector, and nothing is left behind.
func TestSecureConcurrency(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("serve", func(t *testing.T) {
		fl := onSecureLoopback(t, func(c *fleet.Config) { c.Devices = 4 })
		var all sync.WaitGroup
		for k := range 4 {
			all.Go(func() {
				for i := range 10 {
					_ = handshakeAndTalk(fl.SecureAddr(k), byte(i))
				}
			})
			all.Go(func() {
				for range 20 {
					fl.SwitchOff(k)
					fl.SwitchOn(k)
					_, _, _, _ = fl.DI(k), fl.PIN(k), fl.Sessions(), fl.Stats()
				}
			})
			all.Go(func() {
				for _, c := range []string{"autonomous-update", "reboot", "factory-reset", "report"} {
					if _, err := fl.Condition(fl.SecureAddr(k).String(), c); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	})
}

// handshakeAndTalk runs a Client that keeps trying for a second.
func handshakeAndTalk(to netip.AddrPort, mid byte) error {
	raw, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c, err := asOwner().Dial(ctx, raw, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return err
	}
	for n := range 10 {
		if _, err := c.Write([]byte{0x42, 1, mid, byte(n), 0x0b, 0x0e, 0x60, 0x53, 'o', 'i', 'c', 3, 's', 'e', 'c', 5, 'p', 's', 't', 'a', 't'}); err != nil {
			break
		}
	}
	return c.Close()
}

// A Config that makes no sense is refused with an error that names the field.
func TestSecureConfig(t *testing.T) {
	m := model(t, sim.Config{Security: &sim.Security{}})
	for want, change := range map[string]func(*fleet.Config){
		"handshake timeout: -1s":      func(c *fleet.Config) { c.Secure.HandshakeTimeout = -time.Second },
		"idle: -1s":                   func(c *fleet.Config) { c.Secure.Idle = -time.Second },
		"-1 sessions":                 func(c *fleet.Config) { c.Secure.MaxSessions = -1 },
		"is the one without security": func(c *fleet.Config) { c.Secure.Port = 5683 },
		"there are no 3 from 65534 on": func(c *fleet.Config) {
			c.PortPerDevice, c.Secure.Port = true, 65534
		},
		"there are no 3 from 65536 on": func(c *fleet.Config) {
			c.Listen = addrPort("127.1.0.1:65535")
		},
	} {
		c := fleet.Config{
			Devices: 3, Listen: addrPort("127.1.0.1:5683"), Conn: newFeed(),
			Model: func(int) *sim.Model { return m }, Secure: &fleet.Secure{Conn: newFeed()},
		}
		change(&c)
		if fl, err := fleet.Open(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
			if fl != nil {
				_ = fl.Close()
			}
		}
	}
}

// A fleet without security has no secured addresses.
func TestNoSecurity(t *testing.T) {
	fl := onLoopback(t, func(c *fleet.Config) { c.Devices = 1 })
	if fl.SecureAddr(0).IsValid() || fl.Sessions() != 0 || fl.PIN(0) != "" || fl.DI(0) != fl.ID(0) || fl.Stats().Secure != (fleet.SecureStats{}) {
		t.Errorf("%v, %+v", fl.SecureAddr(0), fl.Stats().Secure)
	}
	if _, err := fl.Find(ocf.UUID{1}.String()); err == nil {
		t.Error("there is a Device of no name")
	}
}

// Clients that ask as soon as they have their sessions are all answered, and no record
// gets lost between the handshake and the session.
func TestRequestsRightAfterTheHandshake(t *testing.T) {
	fl := onSecureLoopback(t, func(c *fleet.Config) { c.Devices = 40 })
	request := bytesOf(t, "40 01 0001"+pstat)
	ask := func(to netip.AddrPort) error {
		raw, err := net.ListenUDP("udp", &net.UDPAddr{IP: to.Addr().AsSlice()})
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		c, err := asOwner().Dial(ctx, raw, net.UDPAddrFromAddrPort(to))
		if err != nil {
			return err
		}
		t.Cleanup(func() { _ = c.Close() })
		for range 3 {
			if _, err := c.Write(request); err != nil {
				return err
			}
		}
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, err = c.Read(make([]byte, 2048))
		return err
	}
	var all sync.WaitGroup
	for i := range fl.Len() {
		all.Go(func() {
			if err := ask(fl.SecureAddr(i)); err != nil {
				t.Errorf("device %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if s := fl.Stats().Secure; s.Overflow != 0 || s.Strays != 0 || s.Sessions != fl.Len() {
		t.Errorf("%+v", s)
	}
}
