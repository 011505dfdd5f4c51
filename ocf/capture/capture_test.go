package capture_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf/capture"
)

// buffer is a file in memory.
type buffer struct{ bytes.Buffer }

func (*buffer) Close() error { return nil }

func datagram(from, to string, data []byte, comments ...string) capture.Packet {
	return capture.Packet{
		At: time.Unix(1700000000, 123456789), From: netip.MustParseAddrPort(from), To: netip.MustParseAddrPort(to),
		Data: data, Comments: comments,
	}
}

// TestBytes compares a small capture with one written by hand from
// draft-ietf-opsawg-pcapng, RFC 791 and RFC 768.
func TestBytes(t *testing.T) {
	var b buffer
	w := capture.New(&b, "x")
	if n := w.Packet(datagram("127.0.0.1:4660", "127.0.0.2:5683", []byte{0x40, 0, 0, 1}, "hi")); n != 1 {
		t.Errorf("number %d, want 1", n)
	}
	if _, err := w.Write([]byte("CLIENT_RANDOM")); err != nil {
		t.Fatal(err)
	}
	want := "0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffffffffffff 0400 0100 78000000 0000 0000 28000000" +
		"01000000 2c000000 6500 0000 00000000 0200 0700 736f636b65747300 0900 0100 09000000 0000 0000 2c000000" +
		"06000000 54000000 00000000 fe9c9717 15cd853d 20000000 20000000" +
		"45000020 00004000 4011 3cca 7f000001 7f000002 1234 1633 000c 996a 40000001" +
		"0200 0400 01000000 0100 0200 68690000 0000 0000 54000000" +
		"0a000000 24000000 4b534c54 0d000000 434c49454e545f52414e444f4d000000 24000000"
	got := hex.EncodeToString(b.Bytes())
	if want := hex.EncodeToString(unhex(t, want)); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	var b buffer
	w := capture.New(&b, "x")
	sent := []capture.Packet{
		datagram("127.0.0.1:1", "127.0.0.2:5683", []byte("a"), "one", "two"),
		datagram("[::1]:2", "[fe80::1]:5684", []byte("abcdefg")),
		datagram("[::ffff:10.0.0.1]:2", "10.0.0.2:5684", nil),
	}
	sent[1].Sent = true
	for i, p := range sent {
		if n := w.Packet(p); n != i+1 {
			t.Errorf("packet %d has number %d", i+1, n)
		}
	}
	for _, p := range []capture.Packet{
		datagram("127.0.0.1:1", "[::1]:5683", nil),
		datagram("127.0.0.1:1", "127.0.0.1:5683", make([]byte, 1<<16)),
		{},
	} {
		if n := w.Packet(p); n != 0 {
			t.Errorf("%v to %v with %d bytes is no UDP, and has number %d", p.From, p.To, len(p.Data), n)
		}
	}
	var read []capture.Packet
	if err := capture.Read(&b.Buffer, func(k capture.Block) error {
		if k.Number > 0 {
			read = append(read, k.Packet)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(read) != len(sent) {
		t.Fatalf("%d packets read, %d written", len(read), len(sent))
	}
	for i, p := range read {
		q := sent[i]
		if !p.At.Equal(q.At) || p.To != q.To || p.Sent != q.Sent || p.From.Addr() != q.From.Addr().Unmap() || !bytes.Equal(p.Data, q.Data) || !slices.Equal(p.Comments, q.Comments) {
			t.Errorf("read %+v, written %+v", p, q)
		}
	}
}

func TestAnnotate(t *testing.T) {
	name := filepath.Join(t.TempDir(), "capture.pcapng")
	if err := os.WriteFile(name, nil, 0o644); err != nil { // others can read it
		t.Fatal(err)
	}
	w, err := capture.Create(name, "x")
	if err != nil {
		t.Fatal(err)
	}
	w.Packet(datagram("127.0.0.1:1", "127.0.0.2:5683", []byte("a"), "one"))
	if _, err := w.Write([]byte("secret\n")); err != nil {
		t.Fatal(err)
	}
	w.Packet(datagram("127.0.0.2:5683", "127.0.0.1:1", []byte("b")))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := capture.Annotate(name, func(n int, p capture.Packet) []string {
		return append(p.Comments, "number "+string(rune('0'+n)))
	}); err != nil {
		t.Fatal(err)
	}
	var got []string
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := capture.Read(f, func(b capture.Block) error {
		got = append(got, b.Packet.Comments...)
		if b.Secrets != nil {
			got = append(got, string(b.Secrets))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", "number 1", "secret\n", "number 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read the secrets: %v, %v", info.Mode(), err)
	}
}

// FuzzRead checks that no input makes Read panic, and that it ends.
func FuzzRead(f *testing.F) {
	var b buffer
	w := capture.New(&b, "x")
	w.Packet(datagram("127.0.0.1:1", "127.0.0.2:5683", []byte("a"), "one"))
	_, _ = w.Write([]byte("secret\n"))
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		err := capture.Read(bytes.NewReader(in), func(b capture.Block) error {
			if len(b.Packet.Data) > len(in) {
				t.Error("data from nowhere")
			}
			return nil
		})
		if len(in) < 12 && err == nil {
			t.Error("nothing is no capture")
		}
	})
}

// full is a disk that is full after so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func (*full) Close() error { return nil }

func TestNothingFollowsAnError(t *testing.T) {
	disk := full(100)
	w := capture.New(&disk, "x")
	for range 2 {
		if n := w.Packet(datagram("127.0.0.1:1", "127.0.0.2:5683", []byte("a"))); n != 0 {
			t.Errorf("number %d on a full disk", n)
		}
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("no error where secrets are lost")
	}
	if err := w.Close(); err == nil {
		t.Error("no error of Close")
	}
}
