package target

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// lane is one end of an in-memory datagram path whose deadlines work.
type lane struct {
	local, remote netip.AddrPort
	in            chan []byte
	other         *lane
	drop          func() bool // of what leaves; nil for nothing
	refuse        func() bool // of what leaves: nobody listens, and the network says so; nil for nothing

	mu       sync.Mutex
	deadline time.Time
	moved    chan struct{} // closed when the deadline moves or the end closes
	closed   bool
	mute     bool // what is written goes nowhere
}

func newLanes(a, b netip.AddrPort) (x, y *lane) {
	x = &lane{local: a, remote: b, in: make(chan []byte, 256), moved: make(chan struct{})}
	y = &lane{local: b, remote: a, in: make(chan []byte, 256), moved: make(chan struct{})}
	x.other, y.other = y, x
	return x, y
}

func (l *lane) Read(p []byte) (int, error) {
	for {
		l.mu.Lock()
		deadline, moved, closed := l.deadline, l.moved, l.closed
		l.mu.Unlock()
		if closed {
			return 0, net.ErrClosed
		}
		var late <-chan time.Time
		if !deadline.IsZero() {
			left := time.Until(deadline)
			if left <= 0 {
				return 0, os.ErrDeadlineExceeded
			}
			late = time.After(left)
		}
		select {
		case d := <-l.in:
			if d == nil {
				return 0, syscall.ECONNREFUSED
			}
			return copy(p, d), nil
		case <-late:
		case <-moved:
		}
	}
}

func (l *lane) Write(p []byte) (int, error) {
	l.mu.Lock()
	closed, lost := l.closed, l.mute || l.drop != nil && l.drop()
	refused := l.refuse != nil && l.refuse()
	l.mu.Unlock()
	switch {
	case closed:
		return 0, net.ErrClosed
	case refused:
		l.in <- nil
		return len(p), nil
	case lost:
		return len(p), nil
	}
	select {
	case l.other.in <- clone(p):
	default:
	}
	return len(p), nil
}

func (l *lane) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.moved)
	}
	return nil
}

// silence makes the end deaf and dumb to its other end.
func (l *lane) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute = true
}

func (l *lane) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.deadline = t
		close(l.moved)
		l.moved = make(chan struct{})
	}
	return nil
}

func (l *lane) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := l.Read(p)
	return n, l.RemoteAddr(), err
}
func (l *lane) WriteTo(p []byte, _ net.Addr) (int, error) { return l.Write(p) }
func (l *lane) LocalAddr() net.Addr                       { return net.UDPAddrFromAddrPort(l.local) }

func (l *lane) RemoteAddr() net.Addr             { return net.UDPAddrFromAddrPort(l.remote) }
func (l *lane) SetDeadline(t time.Time) error    { return l.SetReadDeadline(t) }
func (l *lane) SetWriteDeadline(time.Time) error { return nil }

// dial is a Config.Dial to the Device: each connection is a peer of its own.
func (l *lite) dial(_ context.Context, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ports++
	near, far := newLanes(netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), l.ports), to)
	loses := func() bool {
		l.losing.Lock()
		defer l.losing.Unlock()
		return l.loses()
	}
	near.drop, far.drop = loses, loses
	near.refuse = func() bool {
		l.losing.Lock()
		defer l.losing.Unlock()
		return l.refuses()
	}
	l.lanes = append(l.lanes, far)
	switch to.Port() {
	case 5683:
		l.running.Go(func() { l.serveClear(far) })
	case 5684:
		l.running.Go(func() { l.serveSecure(far) })
	default:
		return nil, fmt.Errorf("nobody listens on %s", address)
	}
	return near, nil
}

// close ends the Device and waits for it.
func (l *lite) close() {
	l.mu.Lock()
	l.closing = true
	lanes := l.lanes
	l.mu.Unlock()
	for _, far := range lanes {
		_ = far.Close()
	}
	l.running.Wait()
}

// serveClear answers without a session.
func (l *lite) serveClear(far *lane) {
	v := &via{l: l}
	buf := make([]byte, 4096)
	for {
		n, err := far.Read(buf)
		if err != nil {
			return
		}
		if reply := v.answer(buf[:n]); reply != nil {
			_, _ = far.Write(reply)
		}
	}
}

// serveSecure admits one peer, again after each of its sessions.
func (l *lite) serveSecure(far *lane) {
	doorman, err := secure.NewDoorman(nil)
	if err != nil {
		return
	}
	buf := make([]byte, 4096)
	for {
		n, err := far.Read(buf)
		if err != nil {
			return
		}
		server, method, open := l.door()
		if !open {
			continue
		}
		switch verdict, reply, hello := doorman.Meet(buf[:n], far.remote, far.local, time.Now()); verdict {
		case secure.Challenge:
			_, _ = far.Write(reply)
		case secure.Admit:
			l.session(far, server, method, hello)
			return
		}
	}
}

// session is one session from its handshake to its end.
func (l *lite) session(far *lane, server secure.Server, method *secure.OTM, hello []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	session, who, err := server.Accept(ctx, far, far.RemoteAddr(), hello)
	if err != nil {
		return
	}
	v := &via{l: l, conn: &inSession{session, far}, far: far, id: who.ID, method: method, block: session.KeyBlock()}
	l.enter(v)
	defer l.leave(v)
	for _, datagram := range session.Held() {
		if !v.take(datagram) {
			return
		}
	}
	buf := make([]byte, 4096)
	for {
		n, err := far.Read(buf)
		if err != nil || !v.take(buf[:n]) {
			break
		}
	}
	_ = v.conn.Close()
}

// inSession is a session and what carries it.
type inSession struct {
	*secure.Session
	far *lane
}

// Close tells the peer that the session is over.
func (s *inSession) Close() error {
	if notify := s.Session.Close(); notify != nil {
		_, _ = s.far.Write(notify)
	}
	return s.far.Close()
}

// take answers what a datagram of the peer's holds. It returns false if the session is
// over.
func (v *via) take(datagram []byte) bool {
	for got := range v.conn.Open(datagram) {
		if got.Reply != nil {
			_, _ = v.far.Write(got.Reply)
		}
		if got.Over {
			return false
		}
		if got.Message == nil {
			continue
		}
		if reply := v.answer(got.Message); reply != nil {
			if sealed, err := v.conn.Seal(reply); err == nil {
				_, _ = v.far.Write(sealed)
			}
		}
		v.l.after(v)
	}
	return true
}

// via is one peer's way to the Device.
type via struct {
	l      *lite
	conn   *inSession // nil without a session
	far    *lane
	id     ocf.UUID
	method *secure.OTM // of the Device Onboarding Connection
	block  secure.KeyBlock

	mid  uint16 // of the last CON, for duplicates
	last []byte
	then func() // after the answer
}

// answer is the datagram to send back, nil for none.
func (v *via) answer(raw []byte) []byte {
	m, err := decode(raw)
	if err != nil || !isRequest(m.Code) {
		return nil
	}
	if v.last != nil && v.mid == uint16(m.MessageID) {
		return v.last
	}
	path, _ := m.Options.Path()
	queries, _ := m.Options.Queries()
	r := request2{code: m.Code, path: path, query: strings.Join(queries, "&"), payload: clone(m.Payload)}
	code, payload := v.l.handle(v, r)
	reply := message.Message{Code: code, Token: m.Token, MessageID: m.MessageID, Type: message.Acknowledgement}
	if m.Type == message.NonConfirmable {
		reply.Type = message.NonConfirmable
	}
	buf := make([]byte, 256)
	if observe, err := m.Options.GetUint32(message.Observe); err == nil && observe == 0 && code == codes.Content {
		reply.Options, _, _ = reply.Options.SetUint32(buf[0:8], message.Observe, 1)
	}
	if len(payload) > 0 {
		reply.Options, _, _ = reply.Options.SetUint32(buf[8:16], message.ContentFormat, ocf.FormatOCFCBOR)
		want, _ := blockOption(m, message.Block2)
		if at := want.num * 1024; len(payload) > 1024 && at < len(payload) {
			rest := payload[at:]
			b := block{num: want.num, size: 1024, more: len(rest) > 1024}
			reply.Options, _, _ = reply.Options.SetUint32(buf[16:24], message.Block2, b.value())
			payload = rest[:min(len(rest), 1024)]
		}
		reply.Payload = payload
	}
	out := make([]byte, 4096)
	n, err := coder.DefaultCoder.Encode(reply, out)
	if err != nil {
		panic(err)
	}
	v.mid, v.last = uint16(m.MessageID), bytes.Clone(out[:n])
	return v.last
}
