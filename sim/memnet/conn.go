package memnet

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Conn is a Client's end of the network. It is a net.Conn and a net.PacketConn, it
// preserves the boundaries of datagrams, and its read deadline works.
type Conn struct {
	net           *Net
	local, remote netip.AddrPort
	queue         chan arrival
	closed        chan struct{}
	once          sync.Once
	deadline      deadline
}

var (
	_ net.Conn       = (*Conn)(nil)
	_ net.PacketConn = (*Conn)(nil)
)

// arrival is a datagram that has reached a Conn.
type arrival struct {
	from netip.AddrPort
	data []byte
}

func newConn(n *Net, local, remote netip.AddrPort) *Conn {
	return &Conn{
		net: n, local: local, remote: remote,
		queue:    make(chan arrival, clientQueueLength),
		closed:   make(chan struct{}),
		deadline: deadline{passed: make(chan struct{})},
	}
}

// accepts reports whether the connection receives datagrams from peer.
func (c *Conn) accepts(peer netip.AddrPort) bool {
	return peer == c.remote || c.remote.Addr().IsMulticast()
}

func (c *Conn) offer(f flight) bool {
	select {
	case c.queue <- arrival{f.from, f.data}:
		return true
	default:
		return false
	}
}

// Read reads one datagram. The part that does not fit into p is lost.
func (c *Conn) Read(p []byte) (int, error) {
	n, _, err := c.ReadFrom(p)
	return n, err
}

// ReadFrom reads one datagram and returns its sender.
func (c *Conn) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case <-c.closed:
		return 0, nil, c.fail("read", net.ErrClosed)
	case <-c.deadline.wait():
		return 0, nil, c.fail("read", os.ErrDeadlineExceeded)
	default:
	}
	select {
	case f := <-c.queue:
		return copy(p, f.data), net.UDPAddrFromAddrPort(f.from), nil
	case <-c.closed:
		return 0, nil, c.fail("read", net.ErrClosed)
	case <-c.deadline.wait():
		return 0, nil, c.fail("read", os.ErrDeadlineExceeded)
	}
}

// Write sends p as one datagram to the dialled address.
func (c *Conn) Write(p []byte) (int, error) { return c.send(p, c.remote) }

// WriteTo sends p as one datagram to any address. The Conn still receives answers
// only from the dialled address.
func (c *Conn) WriteTo(p []byte, to net.Addr) (int, error) {
	udp, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, c.fail("write", errors.New("not a UDP address"))
	}
	return c.send(p, udp.AddrPort())
}

func (c *Conn) send(p []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.closed:
		return 0, c.fail("write", net.ErrClosed)
	default:
	}
	c.net.send(c.local, to, p)
	return len(p), nil
}

func (c *Conn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Close gives the address back. It may be called more than once.
func (c *Conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.deadline.set(time.Time{})
		c.net.mu.Lock()
		delete(c.net.clients, c.local)
		c.net.mu.Unlock()
	})
	return nil
}

// LocalAddr is the Client's own address.
func (c *Conn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.local) }

// RemoteAddr is the dialled address.
func (c *Conn) RemoteAddr() net.Addr { return net.UDPAddrFromAddrPort(c.remote) }

// SetDeadline limits reads. Writes never block.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline limits present and future reads.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.deadline.set(t)
	return nil
}

// SetWriteDeadline does nothing, because writes never block.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// deadline has a channel that is closed once a time has passed.
type deadline struct {
	mu     sync.Mutex
	timer  *time.Timer
	passed chan struct{}
}

// set moves the deadline. The zero time removes it.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.passed // the callback has run or is running; it closes passed without holding the lock
	}
	d.timer = nil
	select {
	case <-d.passed:
		d.passed = make(chan struct{})
	default:
	}
	if t.IsZero() {
		return
	}
	passed := d.passed
	if wait := time.Until(t); wait > 0 {
		d.timer = time.AfterFunc(wait, func() { close(passed) })
		return
	}
	close(passed)
}

func (d *deadline) wait() chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.passed
}

// Wildcard is a fleet's end of the network: one port at every address that no Client
// has. It is a fleet.Conn.
type Wildcard struct {
	net    *Net
	port   uint16
	queue  chan fleet.Packet
	closed chan struct{}
	once   sync.Once
}

var (
	_ fleet.Conn = (*Wildcard)(nil)
	_ io.Closer  = (*Wildcard)(nil)
)

func (w *Wildcard) offer(f flight) bool {
	p := fleet.Packet{Peer: f.from, Local: f.to, Multicast: f.to.Addr().IsMulticast(), Data: f.data}
	select {
	case w.queue <- p:
		return true
	default:
		return false
	}
}

// ReadBatch waits for a packet, and then takes what else has arrived.
func (w *Wildcard) ReadBatch(packets []fleet.Packet) (int, error) {
	select {
	case <-w.closed:
		return 0, net.ErrClosed
	case p := <-w.queue:
		packets[0].Fill(p)
	}
	for n := 1; n < len(packets); n++ {
		select {
		case p := <-w.queue:
			packets[n].Fill(p)
		default:
			return n, nil
		}
	}
	return len(packets), nil
}

// WriteBatch sends the packets in order.
func (w *Wildcard) WriteBatch(packets []fleet.Packet) (int, error) {
	select {
	case <-w.closed:
		return 0, net.ErrClosed
	default:
	}
	for i := range packets {
		w.net.send(packets[i].Local, packets[i].Peer, packets[i].Data)
	}
	return len(packets), nil
}

// Close gives the port back. It may be called more than once.
func (w *Wildcard) Close() error {
	w.once.Do(func() {
		close(w.closed)
		w.net.mu.Lock()
		delete(w.net.fleets, w.port)
		w.net.mu.Unlock()
	})
	return nil
}
