package fleet_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/logging"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// onSecureLoopback runs a fleet of owned Devices on real sockets.
func onSecureLoopback(t testing.TB, change func(*fleet.Config)) *fleet.Fleet {
	t.Helper()
	m := model(t, sim.Config{Security: owned()})
	return onLoopback(t, func(c *fleet.Config) {
		c.Model, c.Secure = func(int) *sim.Model { return m }, &fleet.Secure{}
		if change != nil {
			change(c)
		}
	})
}

// quiet makes a silent logger for the DTLS library.
func quiet() *logging.DefaultLoggerFactory {
	return &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
}

// plainPion runs a server that uses the DTLS library alone. It accepts the owner's
// key and answers in every session.
func plainPion(b *testing.B) netip.AddrPort {
	b.Helper()
	l, err := dtls.ListenWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)},
		dtls.WithPSK(func([]byte) ([]byte, error) { return ownerKey[:], nil }), dtls.WithPSKIdentityHint(other[:]),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256),
		dtls.WithEllipticCurves(elliptic.P256, elliptic.X25519, elliptic.P384), dtls.WithLoggerFactory(quiet()))
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	var all []net.Conn
	var done sync.WaitGroup
	done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			all = append(all, c)
			mu.Unlock()
			done.Go(func() {
				buf := make([]byte, 2048)
				for {
					if _, err := c.Read(buf); err != nil {
						_ = c.Close()
						return
					}
					if _, err := c.Write(buf[:160]); err != nil { // as long as the answer to a GET
						_ = c.Close()
						return
					}
				}
			})
		}
	})
	b.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range all {
			go func() { _ = c.Close() }()
		}
		mu.Unlock()
		done.Wait()
	})
	return l.Addr().(*net.UDPAddr).AddrPort()
}

// handshakes opens that many sessions, 8 at a time, and returns how long it took. A
// silent Client does not close its session, so the server keeps it.
func handshakes(b *testing.B, count int, silent bool, to func(i int) netip.AddrPort) time.Duration {
	b.Helper()
	const abreast = 8
	began := time.Now()
	errs := make(chan error, abreast)
	for worker := range abreast {
		go func() {
			for i := worker; i < count; i += abreast {
				if err := handshakeWith(net.IPv4(127, 9, byte(i>>8), byte(i)), to(i), silent); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range abreast {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// handshakeWith runs one Client at an address of its own. If Clients shared an
// address, a session that one of them did not close would be in the way of the next
// Client with the same port.
func handshakeWith(from net.IP, to netip.AddrPort, silent bool) error {
	raw, err := net.ListenUDP("udp4", &net.UDPAddr{IP: from})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s := &sieve{PacketConn: raw, limit: -1}
	c, err := asOwner().Dial(ctx, s, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return err
	}
	if silent {
		s.stop()
	}
	return c.Close()
}

// BenchmarkHandshakes compares handshakes with a fleet and with the DTLS library
// alone, using the same suite and the same Clients, interleaved in one run. The
// reported share includes the Clients' work, because each handshake has two ends.
func BenchmarkHandshakes(b *testing.B) {
	fl := onSecureLoopback(b, func(c *fleet.Config) { c.Devices = 100 })
	pion := plainPion(b)
	var shares []float64
	for b.Loop() {
		const count = 400
		p := handshakes(b, count, false, func(int) netip.AddrPort { return pion })
		f := handshakes(b, count, false, func(i int) netip.AddrPort { return fl.SecureAddr(i % 100) })
		shares = append(shares, p.Seconds()/f.Seconds())
		b.ReportMetric(float64(count)/f.Seconds(), "handshakes/s")
		b.ReportMetric(float64(count)/p.Seconds(), "pion-handshakes/s")
	}
	slices.Sort(shares)
	b.ReportMetric(shares[len(shares)/2], "of-pion")
}

// BenchmarkSessionMemory reports how much memory an idle session takes, stacks
// included, in a fleet and with the DTLS library alone.
func BenchmarkSessionMemory(b *testing.B) {
	fl := onSecureLoopback(b, func(c *fleet.Config) { c.Devices = 100 })
	pion := plainPion(b)
	const count = 500
	for b.Loop() {
		handshakes(b, count, true, func(i int) netip.AddrPort { return fl.SecureAddr(i % 100) }) // to warm up
		before, goroutines := inUse(), runtime.NumGoroutine()
		handshakes(b, count, true, func(i int) netip.AddrPort { return fl.SecureAddr(i % 100) })
		middle, between := inUse(), runtime.NumGoroutine()
		handshakes(b, count, true, func(int) netip.AddrPort { return pion })
		after, last := inUse(), runtime.NumGoroutine()
		b.ReportMetric(float64(middle-before)/count, "B/session")
		b.ReportMetric(float64(after-middle)/count, "B/pion-session")
		b.ReportMetric(float64(between-goroutines)/count, "goroutines/session")
		b.ReportMetric(float64(last-between)/count, "goroutines/pion-session")
	}
}

// inUse returns the size of the live heap and of the stacks. It collects repeatedly,
// because each collection halves the stacks that a handshake has enlarged.
func inUse() uint64 {
	for range 5 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkSecureGet compares GETs of pstat over 16 sessions with echoes by the DTLS
// library alone, interleaved in one run.
func BenchmarkSecureGet(b *testing.B) {
	fl := onSecureLoopback(b, func(c *fleet.Config) { c.Devices = 100 })
	pion := plainPion(b)
	const sessions = 16
	var gets, echoes []*peer
	for i := range sessions {
		gets, echoes = append(gets, dialDTLS(b, fl.SecureAddr(i))), append(echoes, dialDTLS(b, pion))
	}
	request := bytesOf(b, "44 01 0000 00000000"+pstat)
	exchange := func(peers []*peer, mid int) time.Duration {
		const each = 200
		began := time.Now()
		var all sync.WaitGroup
		for _, p := range peers {
			all.Go(func() {
				data, buf := slices.Clone(request), make([]byte, 2048)
				for i := range each {
					binary.BigEndian.PutUint16(data[2:], uint16(mid*each+i))
					if _, err := p.conn.Write(data); err != nil {
						b.Error(err)
						return
					}
					_ = p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
					if _, err := p.conn.Read(buf); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return time.Since(began) / each / sessions
	}
	var shares []float64
	mid := 0
	for b.Loop() {
		e, g := exchange(echoes, mid), exchange(gets, mid)
		mid++
		shares = append(shares, e.Seconds()/g.Seconds())
		b.ReportMetric(1/g.Seconds(), "gets/s")
	}
	slices.Sort(shares)
	b.ReportMetric(shares[len(shares)/2], "of-pion")
}
