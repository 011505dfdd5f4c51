package overcoap_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"
	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/sim/source/updater/overcoap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// file is what the peer has: two blocks and a half.
func file() []byte { return bytes.Repeat([]byte("0123456789abcdef"), 160) }

// peer is a source on loopback that answers each question as a script says.
type peer struct {
	t      *testing.T
	conn   *net.UDPConn
	script func(n int, q message.Message) []message.Message // n counts the datagrams, from 0
	got    chan message.Message                             // everything that comes, also acknowledgements
}

func newPeer(t *testing.T, script func(n int, q message.Message) []message.Message) (*peer, *overcoap.Transport) {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, conn: conn, script: script, got: make(chan message.Message, 64)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.serve()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	transport, err := overcoap.New("coap://"+conn.LocalAddr().String()+"/packages", overcoap.Config{AckAfter: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return p, transport
}

func (p *peer) serve() {
	for n := 0; ; n++ {
		data := make([]byte, 2048)
		size, from, err := p.conn.ReadFromUDP(data)
		if err != nil {
			return
		}
		q := message.Message{Options: make(message.Options, 0, 16)}
		if _, err := coder.DefaultCoder.Decode(data[:size], &q); err != nil {
			p.t.Error(err)
			return
		}
		p.got <- q
		if q.Code == codes.Empty {
			n--
			continue
		}
		for _, m := range p.script(n, q) {
			out := make([]byte, 2048)
			size, err := coder.DefaultCoder.Encode(m, out)
			if err != nil {
				p.t.Error(err)
				return
			}
			_, _ = p.conn.WriteToUDP(out[:size], from) // the test's end may be earlier
		}
	}
}

// asked is the Block2 option of a question.
func asked(q message.Message) (num, szx uint32) {
	v, _ := q.Options.GetUint32(message.Block2)
	return v >> 4, v & 7
}

// served is the answer to q with a block of the file.
func served(q message.Message, num, szx uint32, tag string) message.Message {
	content := file()
	from := min(int(num)<<(szx+4), len(content))
	upto := min(from+1<<(szx+4), len(content))
	v := num<<4 | szx
	if upto < len(content) {
		v |= 8
	}
	m := message.Message{Type: message.Acknowledgement, Code: codes.Content, MessageID: q.MessageID, Token: q.Token, Payload: content[from:upto]}
	m.Options = m.Options.Add(message.Option{ID: message.ETag, Value: []byte(tag)})
	m.Options = m.Options.Add(message.Option{ID: message.Block2, Value: []byte{byte(v >> 8), byte(v)}})
	m.Options = m.Options.Add(message.Option{ID: message.Size2, Value: []byte{byte(len(content) >> 8), byte(len(content))}})
	return m
}

// good answers each question with the block that it asks for.
func good(_ int, q message.Message) []message.Message {
	num, szx := asked(q)
	return []message.Message{served(q, num, szx, "one")}
}

func TestFilesComeBlockByBlock(t *testing.T) {
	lost := func(n int, q message.Message) []message.Message {
		if n == 1 {
			return nil
		}
		return good(n, q)
	}
	separate := func(n int, q message.Message) []message.Message {
		m := good(n, q)[0]
		m.Type, m.MessageID = message.Confirmable, int32(1000+n)
		return []message.Message{{Type: message.Acknowledgement, Code: codes.Empty, MessageID: q.MessageID}, m}
	}
	small := func(_ int, q message.Message) []message.Message {
		num, szx := asked(q)
		return []message.Message{served(q, num<<(szx-2), 2, "one")}
	}
	late := func(n int, q message.Message) []message.Message { // an answer to nobody comes first
		old := served(q, 0, 6, "zero")
		old.Token = []byte{9}
		return append([]message.Message{old}, good(n, q)...)
	}
	for name, script := range map[string]func(int, message.Message) []message.Message{
		"at once": good, "a datagram is lost": lost, "in messages of their own": separate, "in small blocks": small, "late": late,
	} {
		for _, from := range []int64{0, 1500, 2048} {
			_, transport := newPeer(t, script)
			piece, err := transport.Get(t.Context(), "lamp.bin", from, tagOf("one"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			data, err := io.ReadAll(piece)
			if err != nil || piece.From != from || piece.Size != int64(len(file())) || piece.Tag != tagOf("one") || !bytes.Equal(data, file()[from:]) {
				t.Errorf("%s from byte %d: got %d bytes from %d of %d, tag %s, error %v", name, from, len(data), piece.From, piece.Size, piece.Tag, err)
			}
			if err := piece.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// tagOf is an entity tag as Transport writes it.
func tagOf(text string) string { return hex.EncodeToString([]byte(text)) }

// What was another file before, or is not known, comes from its beginning.
func TestAnotherFileComesWhole(t *testing.T) {
	for _, tag := range []string{tagOf("zero"), ""} {
		_, transport := newPeer(t, good)
		piece, err := transport.Get(t.Context(), "lamp.bin", 1500, tag)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(piece)
		if err != nil || piece.From != 0 || !bytes.Equal(data, file()) {
			t.Errorf("tag %q: got %d bytes from %d, error %v", tag, len(data), piece.From, err)
		}
		_ = piece.Close()
	}
}

// Answers that arrive as a message of their own, and want it, are acknowledged.
func TestAnswersAreAcknowledged(t *testing.T) {
	p, transport := newPeer(t, func(n int, q message.Message) []message.Message {
		m := good(n, q)[0]
		m.Type, m.MessageID = message.Confirmable, 4711
		return []message.Message{m}
	})
	piece, err := transport.Get(t.Context(), "lamp.bin", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	defer piece.Close()
	if q := <-p.got; q.Code != codes.GET || q.Type != message.Confirmable {
		t.Errorf("got %+v first", q)
	}
	if a := <-p.got; a.Type != message.Acknowledgement || a.Code != codes.Empty || a.MessageID != 4711 {
		t.Errorf("got %+v, expected the acknowledgement of 4711", a)
	}
}

func TestWhatGoesWrong(t *testing.T) {
	code := func(c codes.Code) func(int, message.Message) []message.Message {
		return func(_ int, q message.Message) []message.Message {
			return []message.Message{{Type: message.Acknowledgement, Code: c, MessageID: q.MessageID, Token: q.Token}}
		}
	}
	second := func(then func(q message.Message) message.Message) func(int, message.Message) []message.Message {
		return func(n int, q message.Message) []message.Message {
			if n == 0 {
				return good(n, q)
			}
			return []message.Message{then(q)}
		}
	}
	for name, c := range map[string]struct {
		script func(int, message.Message) []message.Message
		want   string
	}{
		"it is not there": {code(codes.NotFound), fs.ErrNotExist.Error()},
		"out of order":    {code(codes.ServiceUnavailable), "the source answers ServiceUnavailable"},
		"nobody answers":  {func(int, message.Message) []message.Message { return nil }, "does not answer"},
		"another block":   {second(func(q message.Message) message.Message { return served(q, 2, 6, "one") }), "the block of byte 2048 comes, expected that of byte 1024"},
		"another file":    {second(func(q message.Message) message.Message { return served(q, 1, 6, "two") }), "become another one"},
		"a reset": {second(func(q message.Message) message.Message {
			return message.Message{Type: message.Reset, Code: codes.Empty, MessageID: q.MessageID}
		}), "resets the exchange"},
		"a block that is too short": {second(func(q message.Message) message.Message {
			m := served(q, 1, 6, "one")
			m.Payload = m.Payload[:10]
			return m
		}), "a block of 1024 bytes has 10"},
	} {
		_, transport := newPeer(t, c.script)
		piece, err := transport.Get(t.Context(), "lamp.bin", 0, "")
		if err == nil {
			_, err = io.ReadAll(piece)
			_ = piece.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, expected %s", name, err, c.want)
		}
		if name == "it is not there" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v is not fs.ErrNotExist", name, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "http://127.0.0.1", "coap://", "coap://%zz"} {
		if _, err := overcoap.New(bad, overcoap.Config{}); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
	for _, good := range []string{"coap://127.0.0.1", "coaps://[::1]:1234/packages"} {
		if _, err := overcoap.New(good, overcoap.Config{}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	p, transport := newPeer(t, good)
	piece, err := transport.Get(t.Context(), "lamp.bin", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	defer piece.Close()
	if path, err := (<-p.got).Options.Path(); err != nil || !slices.Contains([]string{"/packages/lamp.bin", "packages/lamp.bin"}, path) {
		t.Errorf("asked for %q, error %v", path, err)
	}
}
