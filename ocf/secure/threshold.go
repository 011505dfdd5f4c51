package secure

import (
	"bytes"
	"errors"
	"net"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
)

// threshold is the packet connection under a server's handshake. It plays the cookie
// exchange that the Doorman already had, notes what the session will need to know, and
// keeps from the DTLS library what is meant for the session: once the handshake is
// over, the library is left, and the session takes its place.
//
// Its methods are called by two goroutines of the library, one that reads and one that
// runs the handshake and writes; leave is called by a third.
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

	reading  sync.Mutex // held while the library reads
	left     atomic.Bool
	finished atomic.Bool // the server's Finished was sent: what comes now is the session's

	mu    sync.Mutex
	notes notes
}

// notes are what a threshold saw of a handshake.
type notes struct {
	server [32]byte // the random of the ServerHello
	last   []byte   // the record with the server's Finished
	next   uint64   // number of the next record of epoch 1
	proofs [][]byte // the peer's protected records that the library was given
	held   [][]byte // what it was not given
}

// ReadFrom gives the two ClientHellos, then what comes from below and belongs to the
// handshake.
func (t *threshold) ReadFrom(p []byte) (int, net.Addr, error) {
	if len(t.pending) > 0 {
		n := copy(p, t.pending[0])
		t.pending = t.pending[1:]
		return n, t.peer, nil
	}
	t.reading.Lock()
	defer t.reading.Unlock()
	for !t.left.Load() {
		n, from, err := t.PacketConn.ReadFrom(p)
		if err != nil {
			return 0, nil, err
		}
		if n = t.sift(p[:n]); n > 0 {
			return n, from, nil
		}
	}
	return 0, nil, net.ErrClosed
}

// sift holds back what the library must not have of a datagram, and moves the rest to
// the front. It returns how many bytes that is.
func (t *threshold) sift(datagram []byte) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.finished.Load() {
		t.notes.held = append(t.notes.held, bytes.Clone(datagram))
		return 0
	}
	kept, read := 0, 0
	for r := range records(datagram) {
		read += len(r)
		if r.epoch() == 1 && r[0] == contentApplication {
			t.notes.held = append(t.notes.held, bytes.Clone(r))
			continue
		}
		if r.epoch() == 1 {
			t.notes.proofs = append(t.notes.proofs, bytes.Clone(r))
		}
		kept += copy(datagram[kept:], r)
	}
	return kept + copy(datagram[kept:], datagram[read:])
}

// WriteTo sends what the handshake writes. A HelloVerifyRequest it swallows; other
// records in the clear it corrects.
func (t *threshold) WriteTo(p []byte, to net.Addr) (int, error) {
	if isHelloVerify(p) {
		if err := t.takeCookie(); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	out := bytes.Clone(p)
	if !t.note(out) {
		return len(p), nil
	}
	if _, err := t.PacketConn.WriteTo(out, to); err != nil {
		return 0, err
	}
	return len(p), nil
}

// note corrects the numbers of the records in a datagram that is about to be sent, and
// keeps of them what the session will need. It returns false if the library was left and
// has nothing to send any more.
func (t *threshold) note(datagram []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left.Load() {
		return false
	}
	for r := range records(datagram) {
		if r.epoch() == 0 {
			t.noteClear(r)
			continue
		}
		t.notes.next = r.sequence() + 1
		if r[0] == contentHandshake {
			t.notes.last = bytes.Clone(r)
			t.finished.Store(true)
		}
	}
	return true
}

// noteClear corrects and notes a record in the clear.
func (t *threshold) noteClear(r record) {
	r.setSequence(r.sequence() + t.shift)
	t.sent.Store(max(t.sent.Load(), r.sequence()))
	const random = recordHeader + handshakeHeader + 2 // behind the version
	if isHandshake(r, typeServerHello) && len(r) >= random+32 {
		t.notes.server = [32]byte(r[random:])
	}
}

// leave takes the packet connection from the library: it neither reads nor writes
// there any more, and what it has read and not been given is in the notes.
func (t *threshold) leave() notes {
	t.mu.Lock()
	t.left.Store(true)
	t.mu.Unlock()
	_ = t.PacketConn.SetReadDeadline(time.Unix(1, 0))
	t.reading.Lock() // the library's reader is out
	defer t.reading.Unlock()
	_ = t.PacketConn.SetReadDeadline(time.Time{})
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.notes
}

// SetReadDeadline is the library's way to wake its reader.
func (t *threshold) SetReadDeadline(at time.Time) error {
	if t.left.Load() {
		return nil
	}
	return t.PacketConn.SetReadDeadline(at)
}

// SetWriteDeadline is the library's way to wake its writer.
func (t *threshold) SetWriteDeadline(at time.Time) error {
	if t.left.Load() {
		return nil
	}
	return t.PacketConn.SetWriteDeadline(at)
}

// Close closes the packet connection, unless the library was left.
func (t *threshold) Close() error {
	if t.left.Load() {
		return nil
	}
	return t.PacketConn.Close()
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

// alert is a fatal alert in the clear.
func (t *threshold) alert(description byte) []byte {
	r := record{0: contentAlert, 1: 0xfe, 2: 0xfd, 12: 2, 13: alertFatal, 14: description}
	r.setSequence(t.sent.Add(1))
	return r
}
