package secure_test

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// pipe is one end of an in-memory datagram path that loses nothing.
type pipe struct {
	local, remote netip.AddrPort
	in            chan []byte
	out           *pipe

	mu       sync.Mutex
	deadline time.Time
	moved    chan struct{} // closed when the deadline moves or the end is closed
	closed   bool
	sent     [][]byte
	lose     int // the datagram that is lost, the first is 1
}

func newPipe(a, b netip.AddrPort) (*pipe, *pipe) {
	x := &pipe{local: a, remote: b, in: make(chan []byte, 64), moved: make(chan struct{})}
	y := &pipe{local: b, remote: a, in: make(chan []byte, 64), moved: make(chan struct{})}
	x.out, y.out = y, x
	return x, y
}

func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		p.mu.Lock()
		deadline, moved, closed := p.deadline, p.moved, p.closed
		p.mu.Unlock()
		if closed {
			return 0, nil, net.ErrClosed
		}
		var late <-chan time.Time
		if !deadline.IsZero() {
			left := time.Until(deadline)
			if left <= 0 {
				return 0, nil, os.ErrDeadlineExceeded
			}
			late = time.After(left)
		}
		select {
		case d := <-p.in:
			return copy(b, d), net.UDPAddrFromAddrPort(p.remote), nil
		case <-late:
		case <-moved:
		}
	}
}

func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, net.ErrClosed
	}
	d := slices.Clone(b)
	p.sent = append(p.sent, d)
	if len(p.sent) == p.lose {
		return len(b), nil
	}
	select {
	case p.out.in <- d:
	default:
	}
	return len(b), nil
}

// datagrams is what this end has sent.
func (p *pipe) datagrams() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		close(p.moved)
	}
	return nil
}

func (p *pipe) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.deadline = t
		close(p.moved)
		p.moved = make(chan struct{})
	}
	return nil
}

func (p *pipe) LocalAddr() net.Addr                { return net.UDPAddrFromAddrPort(p.local) }
func (p *pipe) SetDeadline(t time.Time) error      { return p.SetReadDeadline(t) }
func (p *pipe) SetWriteDeadline(_ time.Time) error { return nil }

var (
	clientAddr = netip.MustParseAddrPort("127.0.0.1:50000")
	deviceAddr = netip.MustParseAddrPort("127.1.2.3:5684")
)

// mustUUID is a uuid of a test.
func mustUUID(t testing.TB, s string) ocf.UUID {
	t.Helper()
	u, err := ocf.ParseUUID(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// met is what both ends of a handshake came to.
type met struct {
	client               *secure.Conn
	server               *served
	clientErr, serverErr error
	clientEnd, serverEnd *pipe
}

// meet lets c call s, with a Doorman in front as in a fleet.
func meet(t *testing.T, s secure.Server, c secure.Client) met {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var m met
	m.clientEnd, m.serverEnd = newPipe(clientAddr, deviceAddr)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.server, m.serverErr = serve(ctx, m.serverEnd, s)
	}()
	m.client, m.clientErr = c.Dial(ctx, m.clientEnd, net.UDPAddrFromAddrPort(deviceAddr))
	<-done
	t.Cleanup(m.close)
	return m
}

// serve is one Device's part: a Doorman, then the handshake.
func serve(ctx context.Context, end *pipe, s secure.Server) (*served, error) {
	if deadline, ok := ctx.Deadline(); ok {
		_ = end.SetReadDeadline(deadline) // until the handshake, which has its own
	}
	hello, err := admit(end)
	if err != nil {
		return nil, err
	}
	_ = end.SetReadDeadline(time.Time{})
	return accept(ctx, s, end, net.UDPAddrFromAddrPort(end.remote), hello)
}

// admit is the Doorman's part, up to the hello that is admitted.
func admit(end *pipe) (hello []byte, err error) {
	doorman, err := secure.NewDoorman(nil)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 2048)
	for {
		n, peer, err := end.ReadFrom(b)
		if err != nil {
			return nil, err
		}
		verdict, reply, hello := doorman.Meet(b[:n], end.remote, end.local, time.Now())
		switch verdict {
		case secure.Challenge:
			if _, err := end.WriteTo(reply, peer); err != nil {
				return nil, err
			}
		case secure.Admit:
			return bytes.Clone(hello), nil
		}
	}
}

func (m *met) close() {
	if m.client != nil {
		_ = m.client.Close()
	}
	if m.server != nil {
		_ = m.server.Close()
	}
	_ = m.clientEnd.Close()
	_ = m.serverEnd.Close()
}

// talk sends a word each way.
func talk(t *testing.T, a, b end) {
	t.Helper()
	for _, way := range [][2]end{{a, b}, {b, a}} {
		if _, err := way[0].Write([]byte("word")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 16)
		n, err := way[1].Read(got)
		if err != nil || string(got[:n]) != "word" {
			t.Fatalf("read %q, %v", got[:n], err)
		}
	}
}
