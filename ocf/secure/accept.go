package secure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"sync/atomic"

	"github.com/pion/dtls/v3"
)

// Accept runs the handshake that hello begins: a datagram that a Doorman
// admitted, whose bytes must stay as they are until Accept returns. pc carries
// the further datagrams between this peer and this Device, and no others; it is
// closed with the session or when Accept fails. ctx bounds the handshake and
// should have a deadline: a peer may fall silent. One that has another key, or
// whose identity has none, is sent the alert bad_record_mac.
//
// The DTLS library wants to verify cookies itself, from a state it keeps since
// the first ClientHello. So it is shown a first ClientHello made from the
// second; its HelloVerifyRequest goes nowhere, and the cookie it will compare
// with becomes the Doorman's. Neither message is part of what Finished covers
// (RFC 6347 section 4.2.1).
func (s Server) Accept(ctx context.Context, pc net.PacketConn, peer net.Addr, hello []byte) (*Conn, error) {
	var out outcome
	options, err := s.options(&out)
	if err != nil {
		_ = pc.Close()
		return nil, err
	}
	parsed, err := parseHello(hello)
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("hello of %v: %w", peer, err)
	}
	door := &threshold{
		PacketConn: pc, peer: peer,
		pending: [][]byte{parsed.first(), parsed.record},
		cookie:  parsed.cookie,
		shift:   parsed.sequence() - 1,
	}
	raw, err := dtls.ServerWithOptions(door, peer, options...)
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("secure.Server: %w", err)
	}
	door.conn = raw
	ctx, cancel := out.ear.listen(ctx, door)
	conn, err := shake(ctx, raw, &out)
	out.ear.deaf.Store(true)
	if cause := context.Cause(ctx); errors.Is(cause, errOtherKey) {
		err = errors.Join(cause, err)
	}
	if out.unknown {
		err = errors.Join(errUnknownIdentity, err)
	}
	if err != nil && conn != nil { // both ended at once
		_ = conn.Close()
	}
	cancel(nil)
	if err != nil {
		return nil, fmt.Errorf("handshake with %v: %w", peer, err)
	}
	conn.hello = parsed.random()
	if conn.peer.Suite == ECDHEPSKAES128CBCSHA256 {
		conn.peer.Identity, conn.peer.Hint = conn.peer.Hint, nil
	}
	switch {
	case s.OTM != nil:
	case conn.peer.Identity != nil:
		conn.peer.ID = uuidOf(conn.peer.Identity)
	default:
		conn.peer.ID = out.id
	}
	return conn, nil
}

// threshold is the packet connection under a server's session. It plays the
// cookie exchange that the Doorman already had.
type threshold struct {
	net.PacketConn
	peer net.Addr
	conn *dtls.Conn

	pending [][]byte // read before anything from below; the reading goroutine's
	cookie  []byte
	// shift is added to the sequence numbers of records in the clear, so that
	// the first one has the number of the peer's ClientHello
	// (RFC 6347 section 4.2.1).
	shift uint64
	sent  atomic.Uint64 // the highest sequence number of a record in the clear
}

// ReadFrom gives the two ClientHellos, then what comes from below.
func (t *threshold) ReadFrom(p []byte) (int, net.Addr, error) {
	if len(t.pending) > 0 {
		n := copy(p, t.pending[0])
		t.pending[0] = nil // a session lives long, its hellos need not
		t.pending = t.pending[1:]
		return n, t.peer, nil
	}
	return t.PacketConn.ReadFrom(p)
}

// WriteTo is called by the goroutine that runs the handshake. A
// HelloVerifyRequest it swallows; other records in the clear it corrects.
func (t *threshold) WriteTo(p []byte, to net.Addr) (int, error) {
	if isHelloVerify(p) {
		if err := t.takeCookie(); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if _, err := t.PacketConn.WriteTo(t.correct(p), to); err != nil {
		return 0, err
	}
	return len(p), nil
}

var errOtherLibrary = errors.New("the DTLS library keeps its cookie elsewhere: secure.Accept must follow its new version")

// takeCookie overwrites the cookie that the session will compare with. The
// bytes belong to the goroutine that is calling: it made them just before and
// compares them when it reads the next ClientHello.
func (t *threshold) takeCookie() error {
	state := reflect.ValueOf(t.conn).Elem().FieldByName("state")
	if state.Kind() != reflect.Struct {
		return errOtherLibrary
	}
	field := state.FieldByName("cookie")
	if field.Kind() != reflect.Slice || field.Type().Elem().Kind() != reflect.Uint8 || field.Len() != len(t.cookie) {
		return errOtherLibrary
	}
	copy(field.Bytes(), t.cookie)
	return nil
}

// correct is datagram p with its records in the clear renumbered.
func (t *threshold) correct(p []byte) []byte {
	out := append([]byte(nil), p...)
	for rest := out; len(rest) >= recordHeader; {
		r := record(rest)
		n := recordHeader + r.length()
		if n > len(rest) {
			break
		}
		if r.epoch() == 0 {
			r.setSequence(r.sequence() + t.shift)
			t.sent.Store(max(t.sent.Load(), r.sequence()))
		}
		rest = rest[n:]
	}
	return out
}
