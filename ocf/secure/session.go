package secure

import (
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/pion/dtls/v3/pkg/protocol/recordlayer"

	"github.com/ocfsim/ocfsim/ocf"
)

// Numbers of RFC 5246 sections 7.2 and 7.4.
const (
	alertWarning         = 1
	alertFatal           = 2
	alertCloseNotify     = 0
	alertNoRenegotiation = 100
	typeFinished         = 20
)

const (
	contentChangeCipherSpec = 20
	// longestContent is the most that a record may hold, RFC 5246 section 6.2.1.
	longestContent = 1 << 14
)

// Session is an established session at the server's end. It has no goroutine, no timer
// and no socket: Open takes what the peer sent, Seal and Close make what is to be sent
// to it, and the caller carries the datagrams. So an idle session costs memory alone.
//
//	Accept --> open --Close, or the peer's close_notify or fatal alert--> over
//
// Its methods may be called from any goroutine. An Accept makes one; the zero value is
// none.
type Session struct {
	id    ocf.UUID
	suite Suite
	hello [32]byte // the random of the ClientHello that began it
	keys  KeyBlock

	protection protection
	finished   []byte // the server's own Finished message

	mu     sync.Mutex
	over   bool
	window window   // of the peer's records
	next   uint64   // number of the next record
	clear  uint64   // number of the next record in the clear
	held   [][]byte // what came before the session was there
}

// Received is what one record of the peer comes to. The zero value is a record that
// the peer protected, and that says nothing of use: a warning, for example.
type Received struct {
	// Message is application data, and not nil even if it is empty; nil: something
	// else came. It lies in the datagram that Open was given.
	Message []byte
	// Reply is a datagram to send to the peer; nil for none.
	Reply []byte
	// Over says that the peer has ended the session.
	Over bool
}

// errEnded says that the peer ended the session before it was there.
var errEnded = errors.New("the peer ended the session as soon as it had begun")

// newSession takes a session over from the handshake that hello began.
func newSession(n notes, suite Suite, hello, master []byte) (*Session, error) {
	parsed, err := parseHello(hello)
	if err != nil {
		return nil, err
	}
	random := parsed.random()
	s := &Session{suite: suite, hello: random, next: n.next, held: n.held}
	s.keys = expandKeys(master, random[:], n.server[:], suite.keyBlockLen())
	if s.protection, err = protect(suite, s.keys); err != nil {
		return nil, err
	}
	own := overheard{suite: suite, keys: s.keys}
	if s.finished = own.read(false, n.last[min(len(n.last), recordHeader):]); len(s.finished) < handshakeHeader || s.finished[0] != typeFinished {
		return nil, errors.New("the DTLS library ended its handshake without a Finished of this suite")
	}
	for _, proof := range n.proofs { // the library has read them
		content, ok := s.decrypt(proof)
		if ok && proof[0] == contentAlert && s.alerted(content).Over {
			return nil, errEnded
		}
	}
	return s, nil
}

// Format says who the peer is, for every verb, and none of the session's secrets.
func (s *Session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "session with %v by %v", s.id, s.suite)
}

// KeyBlock is the session's key material, of which OwnerPSK makes the owner's key.
func (s *Session) KeyBlock() KeyBlock { return s.keys }

// Began reports whether hello, which a Doorman admitted, is the one that began
// this session and arrives a second time: then it must not replace the session.
func (s *Session) Began(hello []byte) bool {
	h, err := parseHello(hello)
	return err == nil && h.random() == s.hello
}

// Held returns the datagrams that came while the handshake was under way and belong
// to the session, in the order in which they came. They are for Open. It returns them
// once.
func (s *Session) Held() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.held
	s.held = nil
	return held
}

// Open reads a datagram of the peer, which may be any bytes, and overwrites it. It
// passes over records that are not the peer's, that came before, or that belong to
// another epoch (RFC 6347 sections 4.1.2.6 and 4.1.2.7).
//
// A peer that repeats its Finished has not got the server's, and is sent it again
// (RFC 6347 section 4.2.4). One that wants to renegotiate is told no
// (RFC 5246 section 7.2.2).
func (s *Session) Open(datagram []byte) iter.Seq[Received] {
	return func(yield func(Received) bool) {
		for r := range records(datagram) {
			if got, ok := s.open(r); ok && !yield(got) {
				return
			}
		}
	}
}

// open reads one record. ok is false if it is to be passed over.
func (s *Session) open(r record) (got Received, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.decrypt(r)
	if !ok {
		return Received{}, false
	}
	switch r[0] {
	case contentApplication:
		return Received{Message: content}, true
	case contentAlert:
		return s.alerted(content), true
	default:
		return s.shaken(content), true
	}
}

// decrypt returns the content of a record of the peer, unless it came before.
func (s *Session) decrypt(r record) (content []byte, ok bool) {
	if s.over || r.epoch() != 1 || r[0] <= contentChangeCipherSpec || r[0] > contentApplication || !s.window.fresh(r.sequence()) {
		return nil, false
	}
	number := r.sequence()
	plain, err := s.protection.Decrypt(recordlayer.Header{}, r)
	if err != nil {
		return nil, false
	}
	s.window.mark(number)
	return plain[recordHeader:], true
}

// alerted takes an alert of the peer.
func (s *Session) alerted(content []byte) (got Received) {
	switch {
	case len(content) != 2:
	case content[1] == alertCloseNotify:
		got.Reply, _ = s.sealed(contentAlert, []byte{alertWarning, alertCloseNotify})
		got.Over = true
	case content[0] == alertFatal:
		got.Over = true
	}
	s.over = got.Over
	return got
}

// shaken takes a handshake message of the peer.
func (s *Session) shaken(message []byte) (got Received) {
	switch {
	case len(message) < handshakeHeader:
	case message[0] == typeFinished:
		got.Reply = s.lastFlight()
	case message[0] == typeClientHello:
		got.Reply, _ = s.sealed(contentAlert, []byte{alertWarning, alertNoRenegotiation})
	}
	return got
}

// lastFlight is the server's ChangeCipherSpec and Finished, in new records.
func (s *Session) lastFlight() []byte {
	change := record{0: contentChangeCipherSpec, 1: 0xfe, 2: 0xfd, 12: 1, 13: 1}
	change.setSequence(s.clear)
	finished, err := s.sealed(contentHandshake, s.finished)
	if err != nil {
		return nil
	}
	s.clear++
	return append(change, finished...)
}

var (
	errOver      = errors.New("the session is over")
	errExhausted = errors.New("the session has no record numbers left")
	errTooLong   = fmt.Errorf("a message is longer than %d bytes", longestContent)
)

// sealed is a record with the next number.
func (s *Session) sealed(contentType byte, content []byte) ([]byte, error) {
	if s.next > sequenceMask {
		return nil, errExhausted
	}
	number := s.next
	s.next++
	return seal(s.protection, contentType, number, content)
}

// Seal returns the datagram that brings the peer a message. It fails for a session
// that is over, for a message of more than 16,384 bytes, and after 2^48 records
// (RFC 6347 section 4.1).
func (s *Session) Seal(message []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return nil, errOver
	case len(message) > longestContent:
		return nil, errTooLong
	}
	return s.sealed(contentApplication, message)
}

// Close ends the session, and returns the datagram with close_notify that tells the
// peer; nil if the session is over already.
func (s *Session) Close() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil
	}
	s.over = true
	notify, _ := s.sealed(contentAlert, []byte{alertWarning, alertCloseNotify})
	return notify
}
