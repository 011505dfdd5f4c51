package fleet_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// sieve is a Client's connection that keeps what was sent and can stop sending.
type sieve struct {
	net.PacketConn
	mu    sync.Mutex
	sent  [][]byte
	limit int // how many more datagrams may leave; below 0: any number
}

func (s *sieve) WriteTo(p []byte, to net.Addr) (int, error) {
	s.mu.Lock()
	s.sent = append(s.sent, append([]byte(nil), p...))
	stop := s.limit == 0
	if s.limit > 0 {
		s.limit--
	}
	s.mu.Unlock()
	if stop {
		return len(p), nil
	}
	return s.PacketConn.WriteTo(p, to)
}

// stop lets no further datagram leave.
func (s *sieve) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = 0
}

func (s *sieve) datagrams() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.sent...)
}

// few is how many goroutines the runtime may have more or fewer of its own.
const few = 5

// firstHello returns a ClientHello without a cookie.
func firstHello(t *testing.T) (hello []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		raw, err := memnet.New(1, memnet.Impairment{}).Dial(addrPort("127.1.0.1:5684"))
		if err != nil {
			t.Fatal(err)
		}
		s := &sieve{PacketConn: raw, limit: -1}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := asOwner().Dial(ctx, s, raw.RemoteAddr()); err == nil {
			t.Fatal("nobody answered, and there is a session")
		}
		hello = s.datagrams()[0]
	})
	return hello
}

// securedFeed opens a fleet that gets its packets from two feeds.
func securedFeed(t *testing.T) (fl *fleet.Fleet, plain, secured *feed) {
	t.Helper()
	plain, secured = newFeed(), newFeed()
	m := model(t, sim.Config{Security: owned()})
	fl = onLoopback(t, func(c *fleet.Config) {
		c.Devices, c.Listen, c.Conn = 3, addrPort("127.1.0.1:5683"), plain
		c.Model = func(int) *sim.Model { return m }
		c.Secure = &fleet.Secure{Conn: secured}
	})
	return fl, plain, secured
}

// TestFloodOfHellos sends ClientHellos from forged addresses, some of them mutated.
// The fleet stores nothing about them, and Devices answer as before. OCFSIM_TORTURE
// is the number of packets.
func TestFloodOfHellos(t *testing.T) {
	n := packets(t, 50_000)
	hello := firstHello(t)
	fl, plain, secured := securedFeed(t)
	rng := rand.New(rand.NewPCG(44, 44))
	flood := func(count int) {
		batch := make([]fleet.Packet, 32)
		for range count / len(batch) {
			for i := range batch {
				data := hello
				if rng.IntN(2) == 0 {
					data = distort(rng, hello)
				}
				batch[i] = fleet.Packet{Peer: anyPeer(rng), Local: fl.SecureAddr(rng.IntN(4)), Data: data}
				batch[i].Multicast = rng.IntN(64) == 0
				batch[i].Cut = rng.IntN(64) == 0
			}
			secured.handle(batch)
		}
	}
	flood(n / 2)
	low, goroutines := heapAfterGC(), runtime.NumGoroutine()
	flood(n - n/2)
	high := heapAfterGC()
	s := fl.Stats()
	if s.Secure.Sessions+s.Secure.Underway != 0 || s.Secure.Challenges < uint64(n/4) || s.Malformed == 0 || s.Secure.Strays == 0 {
		t.Errorf("%+v", s)
	}
	if now := runtime.NumGoroutine(); now > goroutines+few {
		t.Errorf("goroutines: %d, then %d", goroutines, now)
	}
	if growth := int64(high) - int64(low); growth > 1<<20 {
		t.Errorf("the heap grew by %d bytes", growth)
	}
	before := plain.answers.Load()
	plain.handle([]fleet.Packet{{Peer: anyPeer(rng), Local: fl.Addr(0), Data: bytesOf(t, "40 01 0001 b3'oic' 01'd'")}})
	if plain.answers.Load() != before+1 {
		t.Error("a Device did not answer")
	}
	t.Logf("%d packets, heap %d to %d KiB, %+v", n, low>>10, high>>10, s.Secure)
}

// distort changes a datagram in a few places, or cuts it short.
func distort(rng *rand.Rand, data []byte) []byte {
	out := append([]byte(nil), data...)
	for range 1 + rng.IntN(3) {
		switch at := rng.IntN(len(out)); rng.IntN(4) {
		case 0:
			out[at] = byte(rng.Uint32())
		case 1:
			out[at] ^= 1 << rng.IntN(8)
		case 2:
			out = out[:at+1]
		case 3:
			out = append(out, data[:min(at, len(data))]...)
		}
	}
	return out[:min(len(out), 4000)]
}

// anyPeer returns one of four thousand million addresses.
func anyPeer(rng *rand.Rand) netip.AddrPort {
	n := rng.Uint32()
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, byte(n >> 24), byte(n >> 16)}), uint16(n)|1)
}

// Whatever a forger sends in a Client's name, the Client's session goes on, no
// request is carried out twice, and other Devices answer as before.
func TestForgedRecords(t *testing.T) {
	n := min(packets(t, 5_000), 200_000)
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		raw, err := w.net.Dial(w.fleet.SecureAddr(1))
		if err != nil {
			w.Fatal(err)
		}
		s := &sieve{PacketConn: raw, limit: -1}
		p, err := w.callFrom(asOwner(), s, w.fleet.SecureAddr(1))
		if err != nil {
			w.Fatal(err)
		}
		p.want("40 02 0001"+pstat+"12 2710 ff a162'tm'00", "60 44 0001")
		heard, goroutines := w.fleet.Stats().Requests, runtime.NumGoroutine()
		rng, seen := rand.New(rand.NewPCG(45, 45)), s.datagrams()
		for i := range n {
			data := seen[rng.IntN(len(seen))]
			if rng.IntN(3) > 0 {
				data = distort(rng, data)
			}
			if _, err := raw.Write(data); err != nil {
				w.Fatal(err)
			}
			if i%50 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if now := w.fleet.Stats().Requests; now != heard {
			t.Errorf("%d requests were made of records that were seen before", now-heard)
		}
		w.dial("127.1.0.1:5683").want("40 01 0001 b3'oic' 01'd'", "60 45 0001")
		w.session(asOther(), 2).want("40 01 0001"+pstat, "60 45 0001")
		for mid := 2; ; mid++ { // the Devices' answers to the forger come first
			if p.send("40 01 00ff" + pstat); p.receiveWithin(time.Second) != nil {
				break
			}
			if mid > 100 {
				w.Fatal("the session is dead")
			}
		}
		time.Sleep(time.Minute) // handshakes begun by a repeated ClientHello are given up
		if got := w.fleet.Stats().Secure; got.Sessions != 2 || got.Underway != 0 {
			t.Errorf("%+v", got)
		}
		synctest.Wait()
		t.Logf("goroutines %d, then %d, %+v", goroutines, runtime.NumGoroutine(), w.fleet.Stats())
	})
}

// Clients that show a cookie and then fall silent are given up. Until then they take
// at most a quarter of all handshakes for one Device, so other Devices accept
// sessions as before; the Device itself does again once there is room.
func TestClientsThatNeverFinish(t *testing.T) {
	bound := func(c *fleet.Config) { c.Secure.MaxHandshakes = 20 }
	inSecureWorld(t, owned(), memnet.Impairment{}, bound, func(w *world) {
		w.session(asOther(), 2)
		synctest.Wait()
		goroutines := runtime.NumGoroutine()
		var silent []*sieve
		var done sync.WaitGroup
		for i := range 50 {
			raw, err := w.net.Dial(w.fleet.SecureAddr(i % 2))
			if err != nil {
				w.Fatal(err)
			}
			s := &sieve{PacketConn: raw, limit: 2} // two ClientHellos
			silent = append(silent, s)
			done.Go(func() {
				ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
				defer cancel()
				_, _ = asOwner().Dial(ctx, s, raw.RemoteAddr())
			})
		}
		time.Sleep(time.Second)
		if s := w.fleet.Stats().Secure; s.Underway != 10 || s.Full != 40 || s.Sessions != 1 {
			t.Errorf("%+v", s)
		}
		another := w.session(asOwner(), 2)
		another.want("40 01 0001"+pstat, "60 45 0001")
		_ = another.conn.Close()
		w.dial("127.1.0.1:5683").want("40 01 0001 b3'oic' 01'd'", "60 45 0001")
		early := append([]byte{23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 4, 0}, make([]byte, 1024)...)
		for i := range 50 * 100 { // the fleet would have to keep these until there are keys
			to := net.UDPAddrFromAddrPort(w.fleet.SecureAddr(i % 50 % 2))
			_, _ = silent[i%50].PacketConn.WriteTo(early, to) // a Client that was refused has closed it
			if i%50 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if s := w.fleet.Stats().Secure; s.Overflow < 10*60 {
			t.Errorf("%+v", s)
		}
		time.Sleep(10 * time.Second)
		done.Wait()
		synctest.Wait()
		if s := w.fleet.Stats().Secure; s.Underway != 0 || s.Failures != 10 {
			t.Errorf("%+v", s)
		}
		if now := runtime.NumGoroutine(); now > goroutines+few {
			t.Errorf("goroutines: %d, then %d", goroutines, now)
		}
		w.session(asOwner(), 0).want("40 01 0001"+pstat, "60 45 0001")
	})
}

// TestManySessions opens sessions and drops them in every possible way. Memory and
// goroutines return to where they were. OCFSIM_TORTURE is the number of sessions, up
// to 20,000.
func TestManySessions(t *testing.T) {
	n := min(packets(t, 600), 20_000)
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		churn := func(count int) {
			const abreast = 20
			for range count / abreast {
				var all sync.WaitGroup
				var failed atomic.Int64
				for i := range abreast {
					all.Go(func() {
						if !w.openAndDrop(i) {
							failed.Add(1)
						}
					})
				}
				all.Wait()
				if failed.Load() > 0 {
					w.Fatalf("%d of %d sessions did not come about: %+v", failed.Load(), abreast, w.fleet.Stats())
				}
			}
			time.Sleep(time.Hour) // until the last session has been idle for too long
			synctest.Wait()
		}
		churn(n / 2)
		low, goroutines := heapAfterGC(), runtime.NumGoroutine()
		churn(n - n/2)
		high := heapAfterGC()
		if now := runtime.NumGoroutine(); now > goroutines+few {
			t.Errorf("goroutines: %d, then %d", goroutines, now)
		}
		// Every fifth Client makes a request, which is remembered for its lifetime.
		if growth := int64(high) - int64(low); growth > 1<<20+int64(n/2/5)*512 {
			t.Errorf("the heap grew by %d bytes", growth)
		}
		s := w.fleet.Stats().Secure
		// A Client that leaves at once may be gone before its handshake is counted.
		if s.Sessions+s.Underway != 0 || s.Handshakes+s.Failures != uint64(n/2/20*20+(n-n/2)/20*20) || s.Failures > uint64(n/100) {
			t.Errorf("%+v", s)
		}
		t.Logf("%d sessions, heap %d to %d KiB, %d goroutines, %+v", n, low>>10, high>>10, goroutines, s)
	})
}

// A session costs no goroutine, whether its Client speaks or is silent.
func TestSessionsHaveNoGoroutine(t *testing.T) {
	inSecureWorld(t, owned(), memnet.Impairment{}, nil, func(w *world) {
		w.openAndDrop(0)
		synctest.Wait()
		goroutines := runtime.NumGoroutine()
		const n = 40
		for range n {
			if !w.openAndDrop(4) { // silently
				w.Fatal("no session")
			}
		}
		synctest.Wait()
		if s := w.fleet.Stats().Secure; s.Sessions != n+1 || s.Underway != 0 {
			t.Errorf("%+v", s)
		}
		if now := runtime.NumGoroutine(); now > goroutines+few {
			t.Errorf("%d goroutines, and %d with %d sessions more", goroutines, now, n)
		}
	})
}

// openAndDrop runs one Client. i decides how it leaves.
func (w *world) openAndDrop(i int) bool {
	raw, err := w.net.Dial(w.fleet.SecureAddr(i % 3))
	if err != nil {
		return false
	}
	s := &sieve{PacketConn: raw, limit: -1}
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	var c *secure.Conn
	if c, err = asOwner().Dial(ctx, s, raw.RemoteAddr()); err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	if i < 4 {
		if _, err = c.Write(bytesOf(w, "42 01 0005 0b0e 60"+afterObserve)); err != nil {
			return false
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err = c.Read(make([]byte, 2048)); err != nil {
			return false
		}
	}
	if i%2 == 0 {
		s.stop() // the Client leaves silently
	}
	return true
}
