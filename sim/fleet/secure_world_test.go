package fleet_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// owner and other are Clients that have keys.
var (
	owner    = ocf.UUID{0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x41, 0x11, 0x81, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11}
	other    = ocf.UUID{0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x42, 0x22, 0x82, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22}
	ownerKey = [16]byte([]byte("0123456789abcdef"))
	otherKey = []byte("fedcba9876543210")
)

// owned is the security of Devices that have an owner, and another Client that may
// read pstat and be notified.
func owned() *sim.Security {
	return &sim.Security{
		Owner: owner, OwnerKey: ownerKey,
		Creds: []ocf.Cred{{Type: ocf.SymmetricPair, Subject: other.String(), Private: ocf.Key{Encoding: ocf.EncodingRaw, Data: otherKey}}},
		ACEs: []ocf.ACE{{
			Subject: ocf.Subject{UUID: other}, Resources: []ocf.ResourceRef{{Href: ocf.PathPstat}},
			Permission: ocf.MayRead | ocf.MayNotified,
		}},
	}
}

// inSecureWorld runs f against a fleet of secured Devices in a bubble. change may
// alter the fleet's Config.
func inSecureWorld(t *testing.T, s *sim.Security, impair memnet.Impairment, change func(*fleet.Config), f func(w *world)) {
	t.Helper()
	inWorldOf(t, impair, func(n *memnet.Net, c *fleet.Config) {
		conn, err := n.Wildcard(5684)
		if err != nil {
			t.Fatal(err)
		}
		m := model(t, sim.Config{Security: s})
		c.Model = func(int) *sim.Model { return m }
		c.Secure = &fleet.Secure{Conn: conn}
		if change != nil {
			change(c)
		}
	}, f)
}

// call performs a Client's handshake with the Device at addr.
func (w *world) call(c secure.Client, addr netip.AddrPort) (*peer, error) {
	w.Helper()
	raw, err := w.net.Dial(addr)
	if err != nil {
		w.Fatal(err)
	}
	return w.callFrom(c, raw, addr)
}

func (w *world) callFrom(c secure.Client, raw net.PacketConn, addr netip.AddrPort) (*peer, error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	defer cancel()
	conn, err := c.Dial(ctx, raw, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	w.Cleanup(func() { _ = conn.Close() })
	return &peer{t: w.T, conn: conn}, nil
}

// session opens a session, and fails the test if it cannot.
func (w *world) session(c secure.Client, i int) *peer {
	w.Helper()
	p, err := w.call(c, w.fleet.SecureAddr(i))
	if err != nil {
		w.Fatalf("device %d: %v", i, err)
	}
	return p
}

// asOwner and asOther return the Clients of those names.
func asOwner() secure.Client {
	return secure.Client{Identity: owner[:], Key: ownerKey[:]}
}

func asOther() secure.Client {
	return secure.Client{Identity: other[:], Key: otherKey}
}

// ended reports whether the session ends within a minute.
func (p *peer) ended() bool {
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		if _, err := p.conn.Read(make([]byte, 65536)); err != nil {
			var late net.Error
			return !errors.As(err, &late) || !late.Timeout()
		}
	}
}

// party is one address of a Client that uses it for several sessions, one after
// another. What arrives is for the newest session.
type party struct {
	*memnet.Conn
	mu     sync.Mutex
	newest *extension
}

func (w *world) share(remote netip.AddrPort) *party {
	w.Helper()
	raw, err := w.net.Dial(remote)
	if err != nil {
		w.Fatal(err)
	}
	x := &party{Conn: raw}
	go func() {
		for {
			buf := make([]byte, 65536)
			n, err := raw.Read(buf)
			if err != nil {
				return
			}
			x.mu.Lock()
			x.newest.in <- buf[:n]
			x.mu.Unlock()
		}
	}()
	w.Cleanup(func() { _ = raw.Close() })
	return x
}

// line begins the part of another session.
func (x *party) line() *extension {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.newest = &extension{party: x, in: make(chan []byte, 256), cut: make(chan struct{})}
	return x.newest
}

// extension is one session's part of a party. Its first deadline ends it.
type extension struct {
	*party
	in   chan []byte
	cut  chan struct{}
	once sync.Once
}

func (e *extension) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case data := <-e.in:
		return copy(p, data), e.RemoteAddr(), nil
	case <-e.cut:
		return 0, nil, net.ErrClosed
	}
}

func (e *extension) Close() error {
	e.once.Do(func() { close(e.cut) })
	return nil
}

func (e *extension) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		return e.Close()
	}
	return nil
}
