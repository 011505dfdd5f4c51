package fleet_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/logging"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
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

// withKey are plainPion's options to accept the owner's key.
func withKey() []dtls.ServerOption {
	return []dtls.ServerOption{
		dtls.WithPSK(func([]byte) ([]byte, error) { return ownerKey[:], nil }), dtls.WithPSKIdentityHint(other[:]),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256),
	}
}

// plainPion runs a server that uses the DTLS library alone and answers in every session.
func plainPion(b *testing.B, options ...dtls.ServerOption) netip.AddrPort {
	b.Helper()
	l, err := dtls.ListenWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, append(options,
		dtls.WithEllipticCurves(elliptic.P256, elliptic.X25519, elliptic.P384), dtls.WithLoggerFactory(quiet()))...)
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

// visitor opens sessions, each from an address of its own. If Clients shared an address,
// a session that one of them did not close would be in the way of the next Client with
// the same port.
type visitor struct {
	secure.Client
	silent bool // it does not close its sessions, so the server keeps them
	next   int  // address
}

// handshakes opens that many sessions, 8 at a time.
func (c *visitor) handshakes(b *testing.B, count int, to func(i int) netip.AddrPort) {
	b.Helper()
	const abreast = 8
	first := c.next
	c.next += count
	errs := make(chan error, abreast)
	for worker := range abreast {
		go func() {
			for i := first + worker; i < first+count; i += abreast {
				if err := c.handshake(net.IPv4(127, byte(128|i>>16), byte(i>>8), byte(i)), to(i)); err != nil {
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
}

func (c *visitor) handshake(from net.IP, to netip.AddrPort) error {
	raw, err := net.ListenUDP("udp4", &net.UDPAddr{IP: from})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := &sieve{PacketConn: raw, limit: -1}
	conn, err := c.Dial(ctx, s, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return err
	}
	if c.silent {
		s.stop()
	}
	return conn.Close()
}

// BenchmarkHandshakes compares handshakes with a fleet and with the DTLS library
// alone, using the same suite and the same Clients, interleaved in one run. Both shares
// include the Clients' work, because each handshake has two ends: of-pion is of the time
// that passes, cpu-of-pion of the processors' time, which other work disturbs less.
func BenchmarkHandshakes(b *testing.B) {
	ca, device, mine := identities(b)
	for name, c := range map[string]struct {
		device *sim.Security
		client secure.Client
		pion   []dtls.ServerOption
	}{
		"psk": {owned(), asOwner(), withKey()},
		"ecdsa": {ownedByCertificate(ca, device), secure.Client{Certificate: mine, Roots: ca.Roots()}, []dtls.ServerOption{
			dtls.WithCertificates(*device), dtls.WithClientAuth(dtls.RequireAnyClientCert),
			dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8),
			dtls.WithVerifyPeerCertificate(func(chain [][]byte, _ [][]*x509.Certificate) error {
				_, err := secure.VerifyIdentity(chain, ca.Roots(), time.Now())
				return err
			}),
		}},
	} {
		b.Run(name, func(b *testing.B) {
			m := model(b, sim.Config{Security: c.device})
			fl := onSecureLoopback(b, func(c *fleet.Config) {
				c.Devices, c.Model = 100, func(int) *sim.Model { return m }
				c.Secure.Key = device.PrivateKey.(crypto.Signer)
			})
			pion := plainPion(b, c.pion...)
			v := visitor{Client: c.client}
			ofFleet := func(i int) netip.AddrPort { return fl.SecureAddr(i % 100) }
			ofPion := func(int) netip.AddrPort { return pion }
			v.handshakes(b, 100, ofFleet) // to warm up
			v.handshakes(b, 100, ofPion)
			of := compared{}
			for b.Loop() {
				const count = 200
				f, p := of.run(func() { v.handshakes(b, count, ofFleet) }, func() { v.handshakes(b, count, ofPion) })
				b.ReportMetric(turns*count/f.Seconds(), "handshakes/s")
				b.ReportMetric(turns*count/p.Seconds(), "pion-handshakes/s")
			}
			of.report(b)
		})
	}
}

// compared is how a fleet and the DTLS library alone fared in turns.
type compared struct{ ofTime, ofCPU []float64 }

// turns is how often each of the two does its work in one run.
const turns = 2

// run lets both do the same work, in turns: fleet, library, library, fleet. What one of
// them leaves to the garbage collector must not fall to the same other one always, even
// where there is one run only. It returns how long each took.
func (c *compared) run(fleet, pion func()) (ofFleet, ofPion time.Duration) {
	var took, cpu [2]time.Duration
	work := [2]func(){fleet, pion}
	for _, i := range [2 * turns]int{0, 1, 1, 0} {
		runtime.GC()
		began, start := time.Now(), busy()
		work[i]()
		took[i], cpu[i] = took[i]+time.Since(began), cpu[i]+busy()-start
	}
	c.ofTime = append(c.ofTime, took[1].Seconds()/took[0].Seconds())
	c.ofCPU = append(c.ofCPU, cpu[1].Seconds()/cpu[0].Seconds())
	return took[0], took[1]
}

func (c *compared) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(median(c.ofTime), "of-pion")
	b.ReportMetric(median(c.ofCPU), "cpu-of-pion")
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// identities makes an owner's authority, a Device's identity certificate and the owner's.
func identities(b testing.TB) (ca *secure.CA, device, mine *tls.Certificate) {
	b.Helper()
	ca, err := secure.NewCA("ocfsim domain")
	if err == nil {
		device, err = ca.Identity(other)
	}
	if err == nil {
		mine, err = ca.Identity(owner)
	}
	if err != nil {
		b.Fatal(err)
	}
	return ca, device, mine
}

// ownedByCertificate is the security of owned Devices with an identity certificate.
func ownedByCertificate(ca *secure.CA, device *tls.Certificate) *sim.Security {
	s := owned()
	s.Creds = append(s.Creds, pem(ocf.UsageCert, other.String(), secure.EncodeChain(device.Certificate)), pem(ocf.UsageTrustCA, owner.String(), ca.PEM()))
	return s
}

// BenchmarkSessionMemory reports how much memory an idle session takes, stacks
// included, in a fleet and with the DTLS library alone.
func BenchmarkSessionMemory(b *testing.B) {
	fl := onSecureLoopback(b, func(c *fleet.Config) { c.Devices = 100 })
	pion := plainPion(b, withKey()...)
	const count = 500
	v := visitor{Client: asOwner(), silent: true}
	device := func(i int) netip.AddrPort { return fl.SecureAddr(i % 100) }
	for b.Loop() {
		v.handshakes(b, count, device) // to warm up
		before, goroutines := inUse(), runtime.NumGoroutine()
		v.handshakes(b, count, device)
		middle, between := inUse(), runtime.NumGoroutine()
		v.handshakes(b, count, func(int) netip.AddrPort { return pion })
		after, last := inUse(), runtime.NumGoroutine()
		b.ReportMetric(float64(middle-before)/count, "B/session")
		b.ReportMetric(float64(after-middle)/count, "B/pion-session")
		b.ReportMetric(float64(between-goroutines)/count, "goroutines/session")
		b.ReportMetric(float64(last-between)/count, "goroutines/pion-session")
	}
}

// BenchmarkLiveSessions opens sessions, each with a Device of its own, and reports what
// the fleet keeps for each while all of them live: the Clients are gone, silently. In the
// end Clients that stayed still reach their Devices. OCFSIM_SESSIONS is how many there
// are; the default is 2,000.
func BenchmarkLiveSessions(b *testing.B) {
	count := 2000
	if n, err := strconv.Atoi(os.Getenv("OCFSIM_SESSIONS")); err == nil {
		count = n
	}
	fl := onSecureLoopback(b, func(c *fleet.Config) {
		c.Devices, c.Secure.MaxSessions, c.Secure.Idle = count, 1<<24, 24*time.Hour
	})
	v := visitor{Client: asOwner(), silent: true}
	v.handshakes(b, 100, func(i int) netip.AddrPort { return fl.SecureAddr(i % count) }) // to warm up
	for b.Loop() {
		var stayed []*peer
		for i := range 20 {
			stayed = append(stayed, dialDTLS(b, fl.SecureAddr(i*count/20)))
		}
		before, goroutines, had := inUse(), runtime.NumGoroutine(), fl.Sessions()
		began := time.Now()
		v.handshakes(b, count, func(i int) netip.AddrPort { return fl.SecureAddr(i % count) })
		took := time.Since(began)
		after := inUse()
		if n := fl.Sessions() - had; n != count {
			b.Fatalf("%d sessions came about, want %d", n, count)
		}
		b.ReportMetric(float64(count)/took.Seconds(), "handshakes/s")
		b.ReportMetric(float64(after-before)/float64(count), "B/session")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/float64(count), "goroutines/session")
		for _, p := range stayed {
			p.want("40 01 0001"+pstat, "60 45 0001")
			_ = p.conn.Close()
		}
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
	pion := plainPion(b, withKey()...)
	const sessions = 16
	var gets, echoes []*peer
	for i := range sessions {
		gets, echoes = append(gets, dialDTLS(b, fl.SecureAddr(i))), append(echoes, dialDTLS(b, pion))
	}
	request := bytesOf(b, "44 01 0000 00000000"+pstat)
	const each = 200
	exchange := func(peers []*peer, mid int) {
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
	}
	of, mid := compared{}, 0
	for b.Loop() {
		g, _ := of.run(
			func() { exchange(gets, mid); mid++ }, // a request with an old number would be a duplicate
			func() { exchange(echoes, mid) })
		b.ReportMetric(turns*each*sessions/g.Seconds(), "gets/s")
	}
	of.report(b)
}
