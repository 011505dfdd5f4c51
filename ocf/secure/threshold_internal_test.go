package secure

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"
)

// plain is a record whose body nobody has to read.
func plain(contentType, epoch, number byte, body string) []byte {
	return append([]byte{contentType, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, number, 0, byte(len(body))}, body...)
}

// Until the server's Finished is sent, the library gets all but application data, and
// afterwards nothing.
func TestSift(t *testing.T) {
	var (
		exchange = plain(contentHandshake, 0, 3, "key exchange")
		finished = plain(contentHandshake, 1, 0, "finished")
		early    = plain(contentApplication, 1, 1, "early")
		farewell = plain(contentAlert, 1, 2, "farewell")
		clear    = plain(contentApplication, 0, 9, "in the clear")
		torn     = plain(contentApplication, 1, 3, "torn")[:15]
	)
	var door threshold
	datagram := bytes.Join([][]byte{exchange, early, finished, clear, early, farewell, torn}, nil)
	n := door.sift(datagram)
	if want := bytes.Join([][]byte{exchange, finished, clear, farewell, torn}, nil); !bytes.Equal(datagram[:n], want) {
		t.Errorf("the library gets %q, want %q", datagram[:n], want)
	}
	if n := door.sift(bytes.Clone(early)); n != 0 {
		t.Errorf("the library gets %d bytes of application data", n)
	}
	if !door.note(bytes.Join([][]byte{plain(contentChangeCipherSpec, 0, 5, "c"), plain(contentHandshake, 1, 0, "own")}, nil)) {
		t.Error("nothing may be sent")
	}
	if n := door.sift(bytes.Clone(datagram[:20])); n != 0 {
		t.Errorf("the library gets %d bytes after the handshake", n)
	}
	if want := [][]byte{early, early, early, datagram[:20]}; !bytes.Equal(bytes.Join(door.notes.held, nil), bytes.Join(want, nil)) {
		t.Errorf("%q is held", door.notes.held)
	}
	if want := [][]byte{finished, farewell}; !bytes.Equal(bytes.Join(door.notes.proofs, nil), bytes.Join(want, nil)) {
		t.Errorf("%q was given to the library", door.notes.proofs)
	}
	if door.notes.next != 1 || door.sent.Load() != 5 || !bytes.HasSuffix(door.notes.last, []byte("own")) {
		t.Errorf("%+v, %d", door.notes, door.sent.Load())
	}
}

// newNotes are the notes of a handshake that ended with a Finished of the server, and
// what newSession needs besides. The Client's records follow its own Finished.
func newNotes(t *testing.T, suite Suite) (n notes, hello, master []byte, c *far) {
	t.Helper()
	hello = hellos(1, 1, append(append([]byte{0xfe, 0xfd}, make([]byte, 32)...), 0, 0, 0, 2, 0xc0, 0x37, 1, 0))
	sum := sha256.Sum256([]byte("master"))
	master = append(sum[:], sum[:16]...)
	n.server = sha256.Sum256([]byte("server random"))
	keys := expandKeys(master, make([]byte, 32), n.server[:], suite.keyBlockLen())
	near, c := pairOf(t, suite, keys)
	var err error
	if n.last, err = seal(near.protection, contentHandshake, 0, finishedMessage); err != nil {
		t.Fatal(err)
	}
	n.next, c.next = 1, 0
	n.proofs = [][]byte{c.record(contentHandshake, finishedMessage)}
	return n, hello, master, c
}

// A session knows its Finished and the Client's, which is no repetition yet and may not
// come as the same record again.
func TestSessionOfNotes(t *testing.T) {
	for _, suite := range suites {
		n, hello, master, c := newNotes(t, suite)
		first := bytes.Clone(n.proofs[0])
		n.proofs = append(n.proofs, c.record(contentAlert, []byte{alertWarning, 90}), plain(contentAlert, 1, 77, "forged"))
		s, err := newSession(n, suite, hello, master)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(s.finished, finishedMessage) {
			t.Errorf("Finished is %q", s.finished)
		}
		if got := opened(s, first); len(got) != 0 {
			t.Errorf("the Client's Finished is taken twice: %+v", got)
		}
		if got := opened(s, c.record(contentHandshake, finishedMessage)); len(got) != 1 || got[0].Reply == nil {
			t.Errorf("a repeated Finished: %+v", got)
		}
		datagram, err := s.Seal([]byte("word"))
		if _, contents := c.read(datagram); err != nil || string(contents[0]) != "word" || record(datagram).sequence() != 2 {
			t.Errorf("%q, %v", contents, err)
		}
	}
}

// What can't become a session is an error.
func TestNoSessionOfNotes(t *testing.T) {
	const suite = ECDHEECDSAAES128CCM8
	for what, spoil := range map[string]func(n *notes, c *far){
		"the Client has closed": func(n *notes, c *far) {
			n.proofs = append(n.proofs, c.record(contentAlert, []byte{alertWarning, alertCloseNotify}))
		},
		"the Client has failed": func(n *notes, c *far) {
			n.proofs = append(n.proofs, c.record(contentAlert, []byte{alertFatal, 40}))
		},
		"no Finished":           func(n *notes, _ *far) { n.last = nil },
		"Finished of another":   func(n *notes, _ *far) { n.last = plain(contentHandshake, 1, 0, "another's Finished, with another key") },
		"Finished of two bytes": func(n *notes, _ *far) { n.last = plain(contentHandshake, 1, 0, "ab") },
	} {
		n, hello, master, c := newNotes(t, suite)
		spoil(&n, c)
		if s, err := newSession(n, suite, hello, master); err == nil {
			t.Errorf("%s: there is a %v", what, s)
		}
	}
	n, hello, master, _ := newNotes(t, suite)
	if _, err := newSession(n, suite, hello[:9], master); !errors.Is(err, errNoHello) {
		t.Errorf("without a hello: %v", err)
	}
	if s, err := newSession(n, 0xC0A8, hello, master); err == nil {
		t.Errorf("with a foreign suite: there is a %v", s)
	}
}
