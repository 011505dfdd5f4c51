package coap

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/pion/dtls/v3"

	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// handshakeTime is how long a handshake may take.
const handshakeTime = 30 * time.Second

// session is a DTLS session with one peer, from its first datagram on. It is the
// net.PacketConn that the DTLS library reads from and writes to.
type session struct {
	peer    *peer
	strikes []depot.Strike

	mu      sync.Mutex
	queue   [][]byte
	ready   chan struct{} // signals to the only reader that there is something new
	closed  bool
	cut     bool // the deadline makes reads fail
	written int  // datagrams
	up      bool // the handshake is over
}

var _ net.PacketConn = (*session)(nil)

func newSession(p *peer, strikes []depot.Strike) *session {
	return &session{peer: p, strikes: strikes, ready: make(chan struct{}, 1)}
}

// A ClientHello is a handshake record whose first message has this type.
const (
	handshakeRecord = 22
	clientHello     = 1
	recordHeader    = 13
)

// anew reports whether a datagram begins another session, where one is established.
func (s *session) anew(data []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up && begins(data)
}

// begins reports whether a datagram begins a handshake.
func begins(data []byte) bool {
	return len(data) > recordHeader && data[0] == handshakeRecord && data[3] == 0 && data[4] == 0 && data[recordHeader] == clientHello
}

// queueLength is how many datagrams wait to be decrypted. Further ones are lost.
const queueLength = 64

// offer puts a datagram into the queue.
func (s *session) offer(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && len(s.queue) < queueLength {
		s.queue = append(s.queue, data)
		s.wake()
	}
}

func (s *session) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// has reports whether a strike with this effect is on, and what goes with it.
func (s *session) has(e depot.Effect) (with string, on bool) {
	for _, strike := range s.strikes {
		if strike.Does == e {
			return strike.With, true
		}
	}
	return "", false
}

// run performs the handshake and serves the session until it ends.
func (s *session) run() {
	defer s.peer.server.ended(s.peer)
	defer s.Close()
	options, err := s.options()
	if err != nil {
		return
	}
	if _, alerts := s.has(depot.Alert); alerts {
		s.alert()
		return
	}
	conn, err := dtls.ServerWithOptions(s, net.UDPAddrFromAddrPort(s.peer.addr), options...)
	if err != nil {
		return
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(s.peer.ctx, handshakeTime)
	err = conn.HandshakeContext(ctx)
	cancel()
	if err != nil {
		return
	}
	s.serve(conn)
}

// serve reads the messages of an established session.
func (s *session) serve(conn *dtls.Conn) {
	s.mu.Lock()
	s.up = true
	s.mu.Unlock()
	stop := context.AfterFunc(s.peer.ctx, func() { _ = conn.Close() })
	defer stop()
	s.peer.secure(func(data []byte) error {
		_, err := conn.Write(data)
		return err
	}, func() { _ = conn.Close() })
	buf := make([]byte, maxDatagram)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idleTime))
		n, err := conn.Read(buf)
		if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, dtls.ErrConnClosed) || errors.Is(err, os.ErrDeadlineExceeded) || s.peer.ctx.Err() != nil {
			return
		}
		if err == nil {
			s.peer.receive(append([]byte(nil), buf[:n]...))
		}
	}
}

// options are those of the handshake, with what is wrong with it.
func (s *session) options() ([]dtls.ServerOption, error) {
	c := &s.peer.server.config
	var suites []dtls.CipherSuiteID
	var options []dtls.ServerOption
	if c.Key != nil {
		suites = append(suites, dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256, dtls.TLS_PSK_WITH_AES_128_CCM_8,
			dtls.TLS_PSK_WITH_AES_128_CCM, dtls.TLS_PSK_WITH_AES_128_GCM_SHA256)
		options = append(options, dtls.WithPSK(s.key), dtls.WithPSKIdentityHint([]byte("ocfsim source")))
	}
	if c.Authority != nil {
		wrong, _ := s.has(depot.Certificate)
		cert, err := s.peer.server.certificate(wrong)
		if err != nil {
			return nil, err
		}
		suites = append(suites, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
			dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)
		options = append(options, dtls.WithCertificates(*cert))
	}
	return append(options, dtls.WithCipherSuites(suites...)), nil
}

// key is the pre-shared key of an identity. Whoever has another identity is refused as
// whoever has another key is.
func (s *session) key(identity []byte) ([]byte, error) {
	c := &s.peer.server.config
	if _, wrong := s.has(depot.WrongKey); !wrong && string(identity) == c.Identity {
		return c.Key, nil
	}
	other := make([]byte, len(c.Key))
	_, _ = rand.Read(other) // never fails
	return other, nil
}

// handshakeFailure is the fatal alert of RFC 5246 section 7.2.2.
const handshakeFailure = 40

// alert ends the handshake before it begins.
func (s *session) alert() {
	_ = s.peer.out([]byte{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, handshakeFailure})
}

// next takes the first datagram from the queue. It returns nil if the reader has to wait.
func (s *session) next() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, net.ErrClosed
	case s.cut:
		return nil, os.ErrDeadlineExceeded
	case len(s.queue) == 0:
		return nil, nil
	}
	data := s.queue[0]
	s.queue = s.queue[1:]
	return data, nil
}

// ReadFrom waits for a datagram of the peer.
func (s *session) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		data, err := s.next()
		if err != nil {
			return 0, nil, err
		}
		if data != nil {
			return copy(p, data), net.UDPAddrFromAddrPort(s.peer.addr), nil
		}
		<-s.ready
	}
}

// WriteTo sends a datagram to the peer. While a handshake is to hang, only the first one
// leaves: it asks the peer to show that it receives.
func (s *session) WriteTo(p []byte, _ net.Addr) (int, error) {
	s.mu.Lock()
	s.written++
	_, hangs := s.has(depot.Hang)
	mute := hangs && s.written > 1
	s.mu.Unlock()
	if mute {
		return len(p), nil
	}
	return len(p), s.peer.out(p)
}

// Close ends the reader. It may be called more than once.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.queue = true, nil
	s.wake()
	return nil
}

// LocalAddr is where the server listens.
func (s *session) LocalAddr() net.Addr { return s.peer.server.addr }

// SetReadDeadline makes reads fail if t has passed; the zero time lets them wait again.
// The DTLS library sets no other deadlines.
func (s *session) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = !t.IsZero() && !t.After(time.Now())
	s.wake()
	return nil
}

// SetDeadline is SetReadDeadline, since writes do not wait.
func (s *session) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetWriteDeadline does nothing, since writes do not wait.
func (s *session) SetWriteDeadline(time.Time) error { return nil }
