package memnet_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

var device = netip.MustParseAddrPort("127.1.0.7:5683")

// ends makes a Client and a fleet's Conn on one network.
func ends(t *testing.T, n *memnet.Net) (net.Conn, *memnet.Wildcard) {
	t.Helper()
	w, err := n.Wildcard(5683)
	if err != nil {
		t.Fatal(err)
	}
	c, err := n.Dial(device)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = w.Close()
	})
	return c, w
}

// arrivals returns what c sends and w receives, in the order of arrival.
func arrivals(t *testing.T, n *memnet.Net, count int) []string {
	t.Helper()
	c, w := ends(t, n)
	for i := range count {
		if _, err := fmt.Fprintf(c, "%d", i); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Hour) // in the bubble's time
	var got []string
	packets := make([]fleet.Packet, 4)
	for len(got) < n.Counts().Delivered {
		for i := range packets {
			packets[i].Data = make([]byte, 0, 16)
		}
		k, err := w.ReadBatch(packets)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets[:k] {
			if p.Local != device || p.Multicast || p.Cut {
				t.Fatalf("%+v", p)
			}
			got = append(got, string(p.Data))
		}
	}
	return got
}

func TestPerfectNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := strings.Join(arrivals(t, memnet.New(1, memnet.Impairment{}), 10), " ")
		if got != "0 1 2 3 4 5 6 7 8 9" {
			t.Error(got)
		}
	})
}

// Two Clients don't have one address, and a closed one gives it back.
func TestDialFrom(t *testing.T) {
	n := memnet.New(1, memnet.Impairment{})
	at := netip.MustParseAddrPort("203.0.113.1:1000")
	c, err := n.DialFrom(at, device)
	if err != nil || c.LocalAddr().String() != at.String() {
		t.Fatalf("%v, %v", c, err)
	}
	if _, err := n.DialFrom(at, device); err == nil {
		t.Error("two Clients have one address")
	}
	if _, err := n.DialFrom(netip.MustParseAddrPort("[2001:db8::1]:1"), device); err == nil {
		t.Error("an address of another family was taken")
	}
	_ = c.Close()
	if _, err := n.DialFrom(at, device); err != nil {
		t.Error(err)
	}
}

// A network that only delays keeps the order.
func TestDelayKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, memnet.Impairment{Delay: 50 * time.Millisecond})
		got := strings.Join(arrivals(t, n, 10), " ")
		if got != "0 1 2 3 4 5 6 7 8 9" {
			t.Error(got)
		}
	})
}

// Accidents happen about as often as the Impairment asks for, and the same seed
// repeats them.
func TestAccidents(t *testing.T) {
	impair := memnet.Impairment{Loss: 0.2, Duplicate: 0.1, Reorder: 0.1, Delay: 10 * time.Millisecond, Jitter: time.Millisecond}
	var runs [3]string
	for i, seed := range []uint64{1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			n := memnet.New(seed, impair)
			runs[i] = strings.Join(arrivals(t, n, 1000), " ")
			c := n.Counts()
			if c.Sent != 1000 || c.Lost < 150 || c.Lost > 250 || c.Duplicated < 50 || c.Duplicated > 120 ||
				c.Reordered < 60 || c.Reordered > 130 || c.Delivered != 1000-c.Lost+c.Duplicated {
				t.Errorf("%+v", c)
			}
		})
	}
	if runs[0] != runs[1] || runs[0] == runs[2] {
		t.Error("the accidents do not follow from the seed")
	}
}

func TestDelayAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, memnet.Impairment{Delay: 50 * time.Millisecond})
		c, w := ends(t, n)
		answer := []fleet.Packet{{Peer: c.LocalAddr().(*net.UDPAddr).AddrPort(), Local: device, Data: []byte("x")}}
		if k, err := w.WriteBatch(answer); k != 1 || err != nil {
			t.Fatal(k, err)
		}
		began := time.Now()
		buf := make([]byte, 16)
		_ = c.SetReadDeadline(began.Add(20 * time.Millisecond))
		for range 2 { // a deadline that has passed stays passed
			if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 20*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		}
		var timeout net.Error
		if _, err := c.Read(buf); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Error(err)
		}
		_ = c.SetReadDeadline(time.Time{})
		if k, err := c.Read(buf); string(buf[:k]) != "x" || err != nil || time.Since(began) != 50*time.Millisecond {
			t.Errorf("%q, %v after %v", buf[:k], err, time.Since(began))
		}
		// If the deadline moves, the read under way ends at the new time.
		time.AfterFunc(time.Second, func() { _ = c.SetReadDeadline(time.Now().Add(time.Second)) })
		if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 2050*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// A Conn receives answers only from the dialled address, unless that is a multicast
// group.
func TestAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, memnet.Impairment{})
		c, w := ends(t, n)
		group, err := n.Dial(netip.MustParseAddrPort("224.0.1.187:5683"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = group.Close() })
		other := netip.MustParseAddrPort("127.1.0.8:5683")
		for _, to := range []net.Conn{c, group} {
			p := fleet.Packet{Peer: to.LocalAddr().(*net.UDPAddr).AddrPort(), Local: other, Data: []byte("x")}
			if _, err := w.WriteBatch([]fleet.Packet{p}); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 16)
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := c.Read(buf); err == nil {
			t.Error("an answer from a stranger")
		}
		if _, from, err := group.ReadFrom(buf); err != nil || from.String() != other.String() {
			t.Error(from, err)
		}
		if _, err := group.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		packets := []fleet.Packet{{Data: make([]byte, 0, 3)}}
		if k, err := w.ReadBatch(packets); k != 1 || err != nil || !packets[0].Multicast || !packets[0].Cut || string(packets[0].Data) != "hel" {
			t.Errorf("%d, %v, %+v", k, err, packets[0])
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(1, memnet.Impairment{})
		c, w := ends(t, n)
		if _, err := n.Wildcard(5683); err == nil {
			t.Error("a port was given twice")
		}
		if _, err := n.Dial(netip.AddrPort{}); err == nil {
			t.Error("no address was dialled")
		}
		time.AfterFunc(time.Second, func() { _, _ = c.Close(), w.Close() })
		if _, err := w.ReadBatch(make([]fleet.Packet, 1)); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if _, err := c.Read(nil); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if _, err := c.Write(nil); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if _, err := n.Wildcard(5683); err != nil {
			t.Error(err)
		}
	})
}
