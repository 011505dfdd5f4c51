package secure

import (
	"bytes"
	"errors"
	"net"
	"reflect"
	"testing"

	"github.com/pion/dtls/v3"
)

// A new version of the DTLS library that keeps its cookie elsewhere, or checks
// another length, must be noticed here and not by a Device in the field.
func TestLibraryKeepsCookieWhereExpected(t *testing.T) {
	field, ok := reflect.TypeFor[dtls.Conn]().FieldByName("state")
	if !ok {
		t.Fatal("dtls.Conn has no field state: see threshold.takeCookie")
	}
	cookie, ok := field.Type.FieldByName("cookie")
	if !ok || cookie.Type != reflect.TypeFor[[]byte]() {
		t.Fatal("dtls.State has no field cookie of []byte: see threshold.takeCookie")
	}
}

// nowhere is a packet connection that loses everything.
type nowhere struct{ net.PacketConn }

func (nowhere) WriteTo(p []byte, _ net.Addr) (int, error) { return len(p), nil }
func (nowhere) Close() error                              { return nil }

// keeping is a packet connection that keeps what was sent last.
type keeping struct {
	net.PacketConn
	sent []byte
}

func (k *keeping) WriteTo(p []byte, _ net.Addr) (int, error) {
	k.sent = bytes.Clone(p)
	return len(p), nil
}

func helloVerifyOfLibrary() []byte {
	return helloVerify(&clientHello{record: make([]byte, recordHeader)}, make([]byte, cookieLen))
}

// Before its handshake a session has no cookie, as if a new version kept it
// elsewhere.
func TestMissingCookieIsAnError(t *testing.T) {
	raw, err := dtls.ServerWithOptions(nowhere{}, &net.UDPAddr{}, anonymousSuite(&outcome{}), pskSuite())
	if err != nil {
		t.Fatal(err)
	}
	door := threshold{PacketConn: nowhere{}, conn: raw, cookie: make([]byte, cookieLen)}
	if _, err := door.WriteTo(helloVerifyOfLibrary(), nil); !errors.Is(err, errOtherLibrary) {
		t.Errorf("%v, want %v", err, errOtherLibrary)
	}
}

// Records in the clear are renumbered, encrypted ones are not.
func TestRenumbering(t *testing.T) {
	clear := []byte{contentAlert, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 80}
	sealed := []byte{contentAlert, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1, 0, 2, 2, 80}
	datagram := append(append([]byte{}, clear...), sealed...)
	for _, c := range []struct {
		shift uint64
		seq   []byte
	}{
		{0, []byte{0, 0, 0, 0, 0, 1}},
		{41, []byte{0, 0, 0, 0, 0, 42}},
		{^uint64(0), []byte{0, 0, 0, 0, 0, 0}}, // the hello was number 0
	} {
		var below keeping
		door := threshold{PacketConn: &below, shift: c.shift}
		if _, err := door.WriteTo(datagram, nil); err != nil {
			t.Fatal(err)
		}
		got := below.sent
		want := append(append([]byte{}, datagram[:5]...), c.seq...)
		want = append(want, clear[11:]...)
		want = append(want, sealed...)
		if !bytes.Equal(got, want) {
			t.Errorf("% x, want % x", got, want)
		}
	}
	torn := datagram[:len(clear)+3]
	var below keeping
	door := threshold{PacketConn: &below}
	if _, err := door.WriteTo(torn, nil); err != nil || !bytes.Equal(below.sent, torn) {
		t.Errorf("% x, %v", below.sent, err)
	}
}

// The made-up first hello is what a Client would have sent, and never has the
// second one's record number: the library would take that one for a replay.
func TestFirstHello(t *testing.T) {
	body := append([]byte{0xfe, 0xfd}, make([]byte, 32)...)
	body = append(body, 2, 8, 9) // session_id
	after := []byte{0, 2, 0xc0, 0x37, 1, 0, 0, 4, 0, 23, 0, 0}
	for _, c := range []struct{ seq, want byte }{{0, 1}, {1, 0}, {9, 0}} {
		second := hellos(c.seq, 1, append(append(bytes.Clone(body), 3, 1, 2, 3), after...))
		h, err := parseHello(second)
		if err != nil {
			t.Fatal(err)
		}
		want := hellos(c.want, 0, append(append(bytes.Clone(body), 0), after...))
		if got := h.first(); !bytes.Equal(got, want) {
			t.Errorf("% x, want % x", got, want)
		}
	}
}

// hellos is a record with a ClientHello.
func hellos(recordSeq, messageSeq byte, body []byte) []byte {
	n := byte(len(body))
	out := []byte{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, recordSeq, 0, n + 12}
	return append(append(out, 1, 0, 0, n, 0, messageSeq, 0, 0, 0, 0, 0, n), body...)
}
