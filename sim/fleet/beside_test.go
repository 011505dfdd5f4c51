package fleet_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// census is what this process holds.
type census struct {
	goroutines, descriptors int
	heap                    uint64
}

func takeCensus(t testing.TB) census {
	t.Helper()
	c := census{goroutines: runtime.NumGoroutine(), heap: heapAfterGC()}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil { // there is none but on Linux
		c.descriptors = len(open)
	}
	return c
}

// sameAs reports a leak: more than before, by more than the runtime has of its own.
func (c census) sameAs(t testing.TB, before census, heap uint64) {
	t.Helper()
	if c.goroutines > before.goroutines+few || c.descriptors > before.descriptors || c.heap > before.heap+heap {
		t.Errorf("before %v, after %v", before, c)
	}
}

func (c census) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, heap %d KiB", c.goroutines, c.descriptors, c.heap>>10)
}

// latencies are how long one Client waited for each of its answers.
type latencies []time.Duration

func (l latencies) String() string {
	if len(l) == 0 {
		return "no answer"
	}
	s := slices.Sorted(slices.Values(l))
	return fmt.Sprintf("%d answers, median %v, 99 of 100 within %v, longest %v", len(s), s[len(s)/2], s[len(s)*99/100], s[len(s)-1])
}

// beside runs a well-behaved Client while f runs: it does ask over and over, with a
// pause, and fails the test if ask does.
func beside(t *testing.T, ask func() error, f func()) (l latencies) {
	t.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			began := time.Now()
			if err := ask(); err != nil {
				t.Errorf("the well-behaved Client: %v", err)
				return
			}
			l = append(l, time.Since(began))
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-done
	return l
}

// asking returns a Client that reads /oic/d, and sends its request again as RFC 7252
// section 4.2 says.
func asking(t *testing.T, to netip.AddrPort) func() error {
	p, mid := dialUDP(t, to), uint16(0)
	return func() error {
		mid++
		want := bytesOf(t, fmt.Sprintf("60 45 %04x", mid))
		for attempt := range 5 {
			p.send(fmt.Sprintf("40 01 %04x b3'oic' 01'd'", mid))
			for end := time.Now().Add(2 * time.Second << attempt); ; {
				data := p.receiveWithin(time.Until(end))
				if data == nil {
					break
				}
				if len(data) >= 4 && string(data[:4]) == string(want) {
					return nil
				}
			}
		}
		return fmt.Errorf("no answer to request %d from %v", mid, to)
	}
}

// pourer sends datagrams from several addresses, as fast as the other end takes them.
type pourer struct {
	t     *testing.T
	conns []*net.UDPConn
	sent  int
	// probe is a datagram that the other end answers, with what isAnswer recognises.
	probe    []byte
	isAnswer func([]byte) bool
}

func newPourer(t *testing.T, rng *rand.Rand) *pourer {
	t.Helper()
	p := &pourer{t: t, probe: []byte{0x40, 0, 0xff, 0xff}, isAnswer: func(data []byte) bool { return string(data) == "\x70\x00\xff\xff" }}
	for range 16 {
		at := net.IPv4(127, byte(2+rng.IntN(250)), byte(rng.IntN(256)), byte(1+rng.IntN(250)))
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: at})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		p.conns = append(p.conns, c)
	}
	return p
}

// pour sends a datagram. After every 64 it waits until a probe has come through.
func (p *pourer) pour(data []byte, to netip.AddrPort) {
	c := p.conns[p.sent%len(p.conns)]
	if _, err := c.WriteToUDPAddrPort(data, to); err != nil {
		p.t.Fatal(err)
	}
	if p.sent++; p.sent%64 > 0 {
		return
	}
	_, _ = c.WriteToUDPAddrPort(p.probe, to)
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	var buf [2048]byte
	for {
		n, err := c.Read(buf[:])
		if err != nil || p.isAnswer(buf[:n]) {
			return
		}
	}
}

// Beside random and mutated packets from 16 addresses, over sockets, a Client is answered
// each time, and afterwards all is as before. OCFSIM_TORTURE is the number of packets.
func TestAnsweredBesideMalformedPackets(t *testing.T) {
	fl := onLoopback(t, func(c *fleet.Config) { c.Devices = 3 })
	rng := rand.New(rand.NewPCG(46, 46))
	var messages [][]byte
	for _, s := range seeds {
		messages = append(messages, bytesOf(t, s))
	}
	p, n, buf := newPourer(t, rng), packets(t, 40_000), []byte(nil)
	ask, state := asking(t, fl.Addr(2)), fl.State(2)
	torment := func(count int) {
		for range count {
			to := fl.Addr(2)
			if buf = mutate(rng, messages, buf); mayChange(buf) {
				to = fl.Addr(rng.IntN(2))
			}
			p.pour(buf, to)
		}
	}
	torment(n / 2) // until everything that is bounded has reached its bound
	before, began := takeCensus(t), time.Now()
	waited := beside(t, ask, func() { torment(n - n/2) })
	took := time.Since(began)
	after := takeCensus(t)
	// What a few packets leave is remembered for their lifetime, up to a bound.
	after.sameAs(t, before, 32<<20)
	if now := fl.State(2); now != state {
		t.Errorf("a Device changed from %+v to %+v without a valid request", state, now)
	}
	if err := ask(); err != nil {
		t.Error(err)
	}
	t.Logf("%d packets, the second half in %v; the Client: %v; %v, then %v; %+v", n, took, waited, before, after, fl.Stats())
}

// Beside ClientHellos without a cookie from 16 addresses, over sockets, a Client opens a
// session each time. OCFSIM_TORTURE is their number, up to a million.
func TestSessionsBesideHellos(t *testing.T) {
	hello, n := firstHello(t), min(packets(t, 20_000), 1_000_000)
	fl := onSecureLoopback(t, func(c *fleet.Config) { c.Devices = 3 })
	rng := rand.New(rand.NewPCG(47, 47))
	p := newPourer(t, rng)
	p.probe = slices.Clone(hello)
	p.probe[10] = 0xff // of the record's number, which the answer repeats (RFC 6347 section 4.2.1)
	p.isAnswer = func(data []byte) bool { return len(data) > 13 && data[10] == 0xff }
	flood := func(count int) {
		for range count {
			binary.BigEndian.PutUint64(hello[13+12+2:], rng.Uint64()) // the random: no two are alike
			p.pour(hello, fl.SecureAddr(rng.IntN(3)))
		}
	}
	ask := func() error { return visit(t, fl.SecureAddr(1)) }
	flood(n / 10)
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	before, began := settled(t, fl), time.Now()
	waited := beside(t, ask, func() { flood(n - n/10) })
	took := time.Since(began)
	after := settled(t, fl)
	after.sameAs(t, before, 8<<20)
	if s := fl.Stats().Secure; s.Challenges < uint64(n*9/10) || s.Handshakes != uint64(len(waited))+1 {
		t.Errorf("%+v", s)
	}
	t.Logf("%d hellos, nine of ten in %v; sessions: %v; %v, then %v", n, took, waited, before, after)
}

// visit opens a session of the owner over a real socket, reads pstat and leaves.
func visit(t *testing.T, to netip.AddrPort) error {
	raw, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := asOwner().Dial(ctx, raw, net.UDPAddrFromAddrPort(to)) // closes raw if it fails
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write(bytesOf(t, "40 01 0001"+pstat)); err != nil {
		return err
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 2048)
	n, err := c.Read(buf)
	if err == nil && !begins(t, buf[:n], "60 45 0001") {
		return fmt.Errorf("%x is no answer", buf[:n])
	}
	return err
}

// settled waits until the fleet has no session left, and takes a census.
func settled(t *testing.T, fl *fleet.Fleet) census {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); ; <-tick.C {
		s := fl.Stats().Secure
		if s.Sessions+s.Underway == 0 {
			return takeCensus(t)
		}
		if time.Now().After(end) {
			t.Fatalf("sessions are left: %+v", s)
		}
	}
}

// Sessions one after the other, over sockets, leave nothing behind: no goroutine, no
// descriptor, no memory but what is remembered of their requests for a while.
// OCFSIM_TORTURE is their number, up to 20,000.
func TestSessionsInARow(t *testing.T) {
	n := min(packets(t, 200), 20_000)
	fl := onSecureLoopback(t, func(c *fleet.Config) { c.Devices = 3 })
	run := func(count int) {
		for i := range count {
			if err := visit(t, fl.SecureAddr(i%3)); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask := asking(t, fl.Addr(0))
	run(n / 2)
	before, began := settled(t, fl), time.Now()
	waited := beside(t, ask, func() { run(n - n/2) })
	took := time.Since(began)
	after := settled(t, fl)
	after.sameAs(t, before, 1<<20+uint64(n)*512)
	t.Logf("%d sessions, the second half in %v; a Client beside them: %v; %v, then %v; %+v", n, took, waited, before, after, fl.Stats().Secure)
}
