package target

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	coapnet "github.com/plgd-dev/go-coap/v3/net"
	"github.com/plgd-dev/go-coap/v3/net/responsewriter"
	"github.com/plgd-dev/go-coap/v3/udp/client"

	"github.com/ocfsim/ocfsim/conformance"
)

// Log takes Observations in the order of the wire and returns the index of
// each; *conformance.Recorder is one. Append is called under a Client's lock
// and must not call the Client.
type Log interface {
	Append(o conformance.Observation) int
}

// counter is the Log of a Client that is not recorded.
type counter struct{ n int }

func (c *counter) Append(conformance.Observation) int { c.n++; return c.n - 1 }

// timing holds the transmission parameters of RFC 7252 section 4.8. The random
// factor is always 1, its least value, so that a run repeats itself.
type timing struct {
	ack           time.Duration // ACK_TIMEOUT
	maxRetransmit int
	vigil         *vigil // of a Device that sleeps; nil for one that does not
}

// wait is how long to wait for an answer in all, MAX_TRANSMIT_WAIT.
func (t timing) wait() time.Duration { return t.ack * (1<<(t.maxRetransmit+1) - 1) }

// nonWait is how long to wait for an answer to a NON.
func (t timing) nonWait() time.Duration { return min(4*t.ack, t.wait()) }

// session lies between go-coap's Conn and the wire. Conn matches tokens and
// chooses message IDs; the session records every datagram, retransmits with
// exponential back-off, drops duplicates and tells notifications from answers.
type session struct {
	name   string // of the Client
	log    Log
	timing timing
	cc     *client.Conn
	ctx    context.Context
	cancel context.CancelFunc
	reads  sync.WaitGroup
	// gather fetches the rest of a block-wise notification.
	gather func(th *thread, first message.Message, f *conformance.Frame)

	secured *association // nil for plain CoAP

	mu      sync.Mutex
	conn    net.Conn           // of a secured session, the latest
	threads map[string]*thread // by token
	order   []string           // tokens, oldest first
	repeats repeats
	closing []func()
}

// What sessions use for a moment, one after another: room for a datagram, and go-coap's
// messages. A run of the suite has thousands of sessions, each of which sends little.
var (
	datagrams = sync.Pool{New: func() any { return new([datagramBytes]byte) }}
	messages  = pool.New(256, 2048)
)

// newSession begins to read conn, which it owns from now on.
func newSession(conn net.Conn, name string, log Log, t timing) *session {
	s := prepareSession(conn, name, log, t)
	s.reads.Go(func() { s.read(conn) })
	return s
}

// prepareSession is a session that does not read yet.
func prepareSession(conn net.Conn, name string, log Log, t timing) *session {
	s := &session{conn: conn, name: name, log: log, timing: t, threads: map[string]*thread{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	cfg := client.DefaultConfig
	cfg.Errors = func(error) {}
	cfg.Handler = func(*responsewriter.ResponseWriter[*client.Conn], *pool.Message) {}
	cfg.MessagePool = messages
	cfg.LimitClientParallelRequests = 0
	cfg.LimitClientEndpointParallelRequests = 0
	cfg.TransmissionNStart = 1 << 16
	cfg.MaxPendingMessages = 0 // see noCache
	s.cc = client.NewConnWithOpts(s, &cfg, client.WithResponseMessageCache(noCache{}))
	return s
}

// noCache turns off go-coap's deduplication of messages that were answered;
// Config.MaxPendingMessages = 0 does so for those that are being handled. The
// session has its own deduplication, which a Device that restarts its message
// IDs does not defeat.
type noCache struct{}

func (noCache) Load(string, *pool.Message) (bool, error) { return false, nil }
func (noCache) Store(string, *pool.Message) error        { return nil }
func (noCache) CheckExpirations(time.Time)               {}

// Context ends with the session.
func (s *session) Context() context.Context { return s.ctx }

// Done is closed when the session ends.
func (s *session) Done() <-chan struct{} { return s.ctx.Done() }

// MaxMessageSize is what a UDP datagram can carry.
func (s *session) MaxMessageSize() uint32 { return datagramBytes }

// RemoteAddr is the Device's.
func (s *session) RemoteAddr() net.Addr { return s.NetConn().RemoteAddr() }

// LocalAddr is the Client's.
func (s *session) LocalAddr() net.Addr { return s.NetConn().LocalAddr() }

// NetConn is the connection that the session reads.
func (s *session) NetConn() net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// SetContextValue is not needed by a client.
func (s *session) SetContextValue(any, any) {}

// Run is not used: the session reads from the start.
func (s *session) Run(*client.Conn) error { return nil }

// WriteMulticastMessage is not offered; see Discover.
func (s *session) WriteMulticastMessage(*pool.Message, *net.UDPAddr, ...coapnet.MulticastOption) error {
	return errors.ErrUnsupported
}

// AddOnClose registers f to be called when the session ends.
func (s *session) AddOnClose(f client.EventFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = append(s.closing, f)
}

// Close ends every exchange and waits until nothing reads any more.
func (s *session) Close() error {
	s.mu.Lock()
	first := s.ctx.Err() == nil
	s.cancel()
	for _, th := range s.threads {
		if th.pending != nil {
			th.pending.disarm()
		}
	}
	closing := s.closing
	s.closing = nil
	conn := s.conn
	s.mu.Unlock()
	if !first {
		return nil
	}
	err := conn.Close()
	s.reads.Wait()
	for _, f := range closing {
		f()
	}
	return err
}

// What one read may take: all that a UDP datagram can carry, or a DTLS record (RFC 5246,
// 6.2.1), of which a session takes one at a time.
const (
	datagramBytes = 64 << 10
	recordBytes   = 16 << 10
)

// read takes datagrams of conn until the session ends. A port that is unreachable
// is a loss like any other, until it was several times: the Device may come back.
func (s *session) read(conn net.Conn) {
	buf, giveBack := s.room()
	defer giveBack()
	for failures := 0; ; {
		n, err := conn.Read(buf)
		switch {
		case err == nil:
			failures = 0
			s.receive(buf[:n])
		case s.ctx.Err() != nil:
			return
		case s.replaced(conn):
			return
		case s.secured != nil && ended(err):
			s.left(conn)
			return
		case ended(err):
			s.note("connection closed: " + err.Error())
			s.cancel()
			return
		default:
			s.note("read: " + err.Error())
			if errors.Is(err, syscall.ECONNREFUSED) {
				s.refused()
				continue
			}
			failures++
			s.pause(min(time.Duration(failures)*10*time.Millisecond, time.Second))
		}
	}
}

// room is where a datagram is read to, until it is given back.
func (s *session) room() (buf []byte, giveBack func()) {
	if s.secured == nil {
		room := datagrams.Get().(*[datagramBytes]byte)
		return room[:], func() { datagrams.Put(room) }
	}
	return s.secured.records.take()
}

// ended reports whether err is the end of a connection.
func ended(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe)
}

// pause waits for d or for the end of the session.
func (s *session) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// note records what the socket said.
func (s *session) note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.Append(conformance.Observation{Kind: conformance.Note, Client: s.name, Text: text})
}

// record appends one datagram; th is nil where its token is unknown. The lock
// is held.
func (s *session) record(kind conformance.Kind, f *conformance.Frame, th *thread, text string) int {
	cause := -1
	if th != nil && kind != conformance.Request {
		cause = th.cause(kind)
	}
	return s.recordOf(cause, kind, f, th, text)
}

// recordOf is record of what belongs to the request that is Observation cause; -1 for none.
func (s *session) recordOf(cause int, kind conformance.Kind, f *conformance.Frame, th *thread, text string) int {
	o := conformance.Observation{Kind: kind, Client: s.name, Frame: f, Text: text}
	if th != nil {
		f.Path, f.Query = th.path, th.query
	}
	if cause >= 0 {
		o.For = &cause
	}
	return s.log.Append(o)
}
