package web

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// door is the listener of a Server. It breaks connections before a byte of HTTP passes,
// and closes its port while the depot refuses.
//
//	open --refuses--> shut --refuses no more--> open
type door struct {
	depot *depot.Depot
	over  string
	ctx   context.Context
	addr  *net.TCPAddr

	mu    sync.Mutex
	inner *net.TCPListener // nil while it is shut
	came  chan net.Conn
	fails chan error
	wg    sync.WaitGroup
}

// openDoor listens at addr, HOST:PORT, until ctx ends.
func openDoor(ctx context.Context, addr, over string, d *depot.Depot) (*door, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	o := &door{depot: d, over: over, ctx: ctx, addr: l.Addr().(*net.TCPAddr), came: make(chan net.Conn), fails: make(chan error, 1)}
	o.open(l.(*net.TCPListener))
	o.follow()
	d.Watch(o.follow)
	context.AfterFunc(ctx, o.follow)
	return o, nil
}

// open lets connections in through l.
func (o *door) open(l *net.TCPListener) {
	o.inner = l
	o.wg.Go(func() { o.admit(l) })
}

// follow shuts the port, or opens it again, as the depot's conditions want it. When the
// context has ended it is shut.
func (o *door) follow() {
	o.mu.Lock()
	defer o.mu.Unlock()
	shut := o.ctx.Err() != nil || o.depot.Refuses(o.over)
	switch {
	case shut && o.inner != nil:
		_ = o.inner.Close()
		o.inner = nil
	case !shut && o.inner == nil:
		l, err := net.ListenTCP("tcp", o.addr)
		if err != nil {
			o.fails <- fmt.Errorf("open the port again: %w", err)
			return
		}
		o.open(l)
	}
}

// admit lets connections in through l until it is closed.
func (o *door) admit(l *net.TCPListener) {
	for {
		conn, err := l.AcceptTCP()
		if err != nil {
			return
		}
		if o.turnsAway(conn) {
			continue
		}
		select {
		case o.came <- o.broken(conn):
		case <-o.ctx.Done():
			_ = conn.Close()
			return
		}
	}
}

// turnsAway keeps a connection from ever being answered, if a strike wants that.
func (o *door) turnsAway(conn *net.TCPConn) bool {
	for _, s := range o.depot.Connect(o.over, depot.AtConnection) {
		switch s.Does {
		case depot.Ignore:
			context.AfterFunc(o.ctx, func() { _ = conn.Close() })
			return true
		case depot.Refuse: // the port was closed as it came
			hangUp(conn)
			return true
		}
	}
	return false
}

// broken is conn with its handshake as the strikes want it.
func (o *door) broken(conn *net.TCPConn) net.Conn {
	c := &counted{TCPConn: conn, ctx: o.ctx, silence: o.depot.Silence()}
	if o.over != "https" {
		return c
	}
	for _, s := range o.depot.Connect(o.over, depot.AtHandshake) {
		switch s.Does {
		case depot.Certificate:
			c.certificate = s.With
		case depot.Hang:
			c.hangs = true
		case depot.Alert:
			c.alerts = true
		}
	}
	return c
}

// Accept waits for a connection.
func (o *door) Accept() (net.Conn, error) {
	select {
	case conn := <-o.came:
		return conn, nil
	case err := <-o.fails:
		return nil, err
	case <-o.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close does nothing: the port is closed when the context ends.
func (o *door) Close() error { return nil }

// Addr is where the door is.
func (o *door) Addr() net.Addr { return o.addr }

// hangUp ends a connection with RST.
func hangUp(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}

// counted is a connection with what strikes its handshake.
type counted struct {
	*net.TCPConn
	ctx         context.Context
	silence     time.Duration
	certificate string
	hangs       bool
	alerts      bool
	era         int // of the conditions when it began; the server's lock guards it
}

// hello is how many bytes of its first flight a server sends before it hangs.
const hello = 40

// Write sends data, unless the handshake hangs: then no more than its beginning leaves.
func (c *counted) Write(data []byte) (int, error) {
	if !c.hangs {
		return c.TCPConn.Write(data)
	}
	if _, err := c.TCPConn.Write(data[:min(hello, len(data))]); err != nil {
		return 0, err
	}
	rest(c.ctx, c.silence)
	hangUp(c.TCPConn)
	return 0, syscall.ECONNRESET
}

// rest waits, until ctx ends at most.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// below is the connection under one of HTTP.
func below(conn net.Conn) *counted {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	c, _ := conn.(*counted)
	return c
}
