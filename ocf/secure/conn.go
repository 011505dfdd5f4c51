package secure

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/pion/dtls/v3"
)

// Peer is who is at the other end of a session. The zero value is nobody.
type Peer struct {
	// ID is the authenticated uuid: of the key that was used, or of the
	// certificate. It is nil after an anonymous handshake, after any ownership
	// transfer, and when the peer's identity is not a uuid.
	ID ocf.UUID
	// Identity is the identity of the pre-shared key as a server was given it.
	Identity []byte
	// Hint is the identity hint as a client was given it.
	Hint []byte
	// Suite is the negotiated suite.
	Suite Suite
	// Certificates is the peer's chain in DER, its own certificate first. After an
	// ownership transfer a server has the chain, but nobody has vouched for it.
	Certificates [][]byte
	// Expired is when the peer's certificate, or another of its chain, expired, if
	// Client.AcceptExpired let it pass; zero otherwise. It is the time of the handshake
	// where only the root has expired.
	Expired time.Time
}

// Conn is an established session at a Client's end. Its methods may be called from any
// goroutine.
type Conn struct {
	*dtls.Conn
	peer Peer
	keys func() KeyBlock // of a suite of ours; a func shows no key to a printer
}

// Format says who the peer is, for every verb, and none of the session's secrets.
func (c *Conn) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "session with %v by %v", c.peer.ID, c.peer.Suite)
}

// Peer is who is at the other end. The slices in it are shared: don't write to them.
func (c *Conn) Peer() Peer { return c.peer }

// KeyBlock is the session's key material, of which OwnerPSK makes the owner's key.
func (c *Conn) KeyBlock() (KeyBlock, error) {
	if kb := c.keys(); len(kb) > 0 {
		return kb, nil
	}
	return SessionKeyBlock(c.Conn)
}

// SessionKeyBlock is the key block of an established session of one of the
// library's own suites. It can't be asked for an anonymous session, whose key
// block only AnonymousSuite's hook tells.
//
// The library exports neither the master secret nor both randoms, and
// RFC 5705's exporter refuses the label "key expansion"; but it can write down
// a session in order to resume it, and all three are in there.
func SessionKeyBlock(conn *dtls.Conn) (KeyBlock, error) {
	state, ok := conn.ConnectionState()
	if !ok {
		return nil, errors.New("key block of a session that is not established")
	}
	n := Suite(state.CipherSuiteID).keyBlockLen()
	if n == 0 {
		return nil, fmt.Errorf("key block of %v, which is not a suite of OCF", Suite(state.CipherSuiteID))
	}
	written, err := state.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("key block of %v: %w", Suite(state.CipherSuiteID), err)
	}
	var session struct {
		LocalRandom, RemoteRandom [32]byte
		MasterSecret              []byte
		IsClient                  bool
	}
	if err := gob.NewDecoder(bytes.NewReader(written)).Decode(&session); err != nil {
		return nil, fmt.Errorf("key block: the DTLS library writes sessions in another form: %w", err)
	}
	if len(session.MasterSecret) != 48 || session.LocalRandom == session.RemoteRandom {
		return nil, errors.New("key block: the DTLS library writes sessions in another form")
	}
	client, server := session.RemoteRandom, session.LocalRandom
	if session.IsClient {
		client, server = server, client
	}
	return expandKeys(session.MasterSecret, client[:], server[:], n), nil
}

// shake ends a handshake one way or the other: with a session, or with an
// error and conn closed.
func shake(ctx context.Context, conn *dtls.Conn, out *outcome) (*Conn, error) {
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	state, ok := conn.ConnectionState()
	if !ok {
		_ = conn.Close()
		return nil, errors.New("the session has no state")
	}
	peer := Peer{Suite: Suite(state.CipherSuiteID), Certificates: state.PeerCertificates, Expired: out.expired}
	peer.Hint = state.IdentityHint // a server's is the identity: Accept moves it
	return &Conn{Conn: conn, peer: peer, keys: func() KeyBlock { return out.keys }}, nil
}

// uuidOf is identity as a uuid, nil unless it is exactly 16 bytes long.
func uuidOf(identity []byte) ocf.UUID {
	if len(identity) != len(ocf.UUID{}) {
		return ocf.UUID{}
	}
	return ocf.UUID(identity)
}
