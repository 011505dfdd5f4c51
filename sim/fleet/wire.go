package fleet

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// wireLength is how many datagrams wait for a handshake to read them. Further datagrams
// are lost, as in a socket's buffer.
const wireLength = 64

// wire carries the datagrams of a handshake between one Client and one Device, in the
// form that the DTLS library wants: a net.PacketConn. None of its methods takes a
// shard's lock.
type wire struct {
	conn        Conn
	local, peer netip.AddrPort

	mu     sync.Mutex
	queue  [][]byte
	budget int  // how many more bytes may come in
	cut    bool // the deadline makes reads fail
	closed bool
	ready  chan struct{} // signals to the only reader that there is something new
}

var _ net.PacketConn = (*wire)(nil)

func newWire(conn Conn, local, peer netip.AddrPort, budget int) *wire {
	return &wire{conn: conn, local: local, peer: peer, budget: budget, ready: make(chan struct{}, 1)}
}

// offer puts a copy of a datagram into the queue. It returns false if the datagram
// was dropped.
func (w *wire) offer(data []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.queue) >= wireLength || w.budget < len(data) {
		return false
	}
	w.budget -= len(data)
	w.queue = append(w.queue, append([]byte(nil), data...))
	w.wake()
	return true
}

// drain closes the wire and returns what nobody has read.
func (w *wire) drain() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := w.queue
	w.closed, w.queue = true, nil
	w.wake()
	return queue
}

func (w *wire) wake() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// next takes the first datagram from the queue. It returns nil if the reader has to
// wait.
func (w *wire) next() ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return nil, net.ErrClosed
	case w.cut:
		return nil, os.ErrDeadlineExceeded
	case len(w.queue) == 0:
		return nil, nil
	}
	data := w.queue[0]
	w.queue = w.queue[1:]
	return data, nil
}

// ReadFrom waits for a datagram. It has one caller at a time.
func (w *wire) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		data, err := w.next()
		if err != nil {
			return 0, nil, err
		}
		if data != nil {
			return copy(p, data), w.remote(), nil
		}
		<-w.ready
	}
}

// WriteTo sends a datagram to the Client; it ignores its address argument. It blocks
// no longer than the Conn does.
func (w *wire) WriteTo(p []byte, _ net.Addr) (int, error) {
	one := [1]Packet{{Local: w.local, Peer: w.peer, Data: p}}
	if _, err := w.conn.WriteBatch(one[:]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close ends the reader. It may be called more than once.
func (w *wire) Close() error {
	_ = w.drain()
	return nil
}

// LocalAddr is the Device's address.
func (w *wire) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(w.local) }

func (w *wire) remote() net.Addr { return net.UDPAddrFromAddrPort(w.peer) }

// SetReadDeadline makes reads fail if t has passed; the zero time lets them wait
// again. The DTLS library sets no other deadlines.
func (w *wire) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = !t.IsZero() && !t.After(time.Now())
	w.wake()
	return nil
}

// SetDeadline is SetReadDeadline, since writes do not wait.
func (w *wire) SetDeadline(t time.Time) error { return w.SetReadDeadline(t) }

// SetWriteDeadline does nothing, since writes do not wait.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
