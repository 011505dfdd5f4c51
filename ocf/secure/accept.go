package secure

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/pion/dtls/v3"
)

// Accept runs the handshake that hello begins: a datagram that a Doorman
// admitted, whose bytes must stay as they are until Accept returns. pc carries
// the further datagrams between this peer and this Device, and no others. ctx
// bounds the handshake and should have a deadline: a peer may fall silent. One
// that has another key, or whose identity has none, is sent the alert
// bad_record_mac.
//
// The Session has no use for pc. Accept closes it when it fails; otherwise pc
// stays open, and what it still has to read is for the Session's Open, after
// what the Session itself holds. A read deadline of pc is gone then.
//
// The DTLS library wants to verify cookies itself, from a state it keeps since
// the first ClientHello. So it is shown a first ClientHello made from the
// second; its HelloVerifyRequest goes nowhere, and the cookie it will compare
// with becomes the Doorman's. Neither message is part of what Finished covers
// (RFC 6347 section 4.2.1).
//
// The library would keep four goroutines and some 35 KB for each session. It is
// left as soon as the handshake is over.
func (s Server) Accept(ctx context.Context, pc net.PacketConn, peer net.Addr, hello []byte) (*Session, Peer, error) {
	var out outcome
	door, err := s.door(pc, peer, hello, &out)
	if err != nil {
		_ = pc.Close()
		return nil, Peer{}, err
	}
	ctx, cancel := out.ear.listen(ctx, door)
	conn, err := shake(ctx, door.conn, &out)
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
		return nil, Peer{}, fmt.Errorf("handshake with %v: %w", peer, err)
	}
	who := s.identify(conn.peer, &out)
	session, err := newSession(door.leave(), who.Suite, hello, out.secrets.master)
	_ = conn.Close() // it reaches neither the peer nor pc
	if err != nil {
		_ = pc.Close()
		return nil, Peer{}, fmt.Errorf("handshake with %v: %w", peer, err)
	}
	session.id, session.clear = who.ID, door.sent.Load()+1
	return session, who, nil
}

// door is the threshold of a handshake, with the library's session over it.
func (s *Server) door(pc net.PacketConn, peer net.Addr, hello []byte, out *outcome) (*threshold, error) {
	options, err := s.options(out)
	if err != nil {
		return nil, err
	}
	parsed, err := parseHello(hello)
	if err != nil {
		return nil, fmt.Errorf("hello of %v: %w", peer, err)
	}
	door := &threshold{
		PacketConn: pc, peer: peer,
		pending: [][]byte{parsed.first(), parsed.record},
		cookie:  parsed.cookie,
		shift:   parsed.sequence() - 1,
	}
	if door.conn, err = dtls.ServerWithOptions(door, peer, options...); err != nil {
		return nil, fmt.Errorf("secure.Server: %w", err)
	}
	return door, nil
}

// identify fills in who the peer of a server is.
func (s *Server) identify(p Peer, out *outcome) Peer {
	if p.Suite == ECDHEPSKAES128CBCSHA256 {
		p.Identity, p.Hint = p.Hint, nil
	}
	switch {
	case s.OTM != nil:
	case p.Identity != nil:
		p.ID = uuidOf(p.Identity)
	default:
		p.ID = out.id
	}
	return p
}
