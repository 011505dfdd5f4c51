package target

import (
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// pipeEnd is one end of an in-memory datagram connection, which works in a
// synctest bubble. It is a net.Conn and, for a peer, a net.PacketConn.
type pipeEnd struct {
	in, out chan []byte
	closed  chan struct{} // of this end
	once    sync.Once
}

func newPipe() (a, b *pipeEnd) {
	ab, ba := make(chan []byte, 64), make(chan []byte, 64)
	a = &pipeEnd{in: ba, out: ab, closed: make(chan struct{})}
	b = &pipeEnd{in: ab, out: ba, closed: make(chan struct{})}
	return a, b
}

func (e *pipeEnd) Read(p []byte) (int, error) {
	select {
	case datagram := <-e.in:
		return copy(p, datagram), nil
	case <-e.closed:
		return 0, net.ErrClosed
	}
}

func (e *pipeEnd) Write(p []byte) (int, error) {
	select {
	case <-e.closed:
		return 0, net.ErrClosed
	case e.out <- append([]byte(nil), p...):
		return len(p), nil
	}
}

func (e *pipeEnd) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func (e *pipeEnd) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := e.Read(p)
	return n, e.RemoteAddr(), err
}

func (e *pipeEnd) WriteTo(p []byte, _ net.Addr) (int, error) { return e.Write(p) }

func (e *pipeEnd) LocalAddr() net.Addr {
	return net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:5683"))
}
func (e *pipeEnd) RemoteAddr() net.Addr             { return e.LocalAddr() }
func (e *pipeEnd) SetDeadline(time.Time) error      { return nil }
func (e *pipeEnd) SetReadDeadline(time.Time) error  { return nil }
func (e *pipeEnd) SetWriteDeadline(time.Time) error { return nil }

// stage is a Client and a peer in a bubble of virtual time.
type stage struct {
	*peer
	c   *Client
	log *tape
}

// inBubble runs a spec in virtual time. The bubble does not end while a
// goroutine of the Client is left.
func inBubble(spec func(s stage)) {
	synctest.Test(outer, func(*testing.T) {
		defer GinkgoRecover()
		near, far := newPipe()
		s := stage{peer: &peer{PacketConn: far}, log: newTape()}
		s.log.at0 = time.Now()
		s.c = newClient(near, "privileged", s.log, timing{ack: 2 * time.Second, maxRetransmit: 4})
		spec(s)
		s.scripts.Wait()
		Expect(s.c.Close()).To(Succeed())
		Expect(far.Close()).To(Succeed())
	})
}
