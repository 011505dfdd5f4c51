package coap_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/coap"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// key is the pre-shared key of the tests.
func key() []byte { return []byte("0123456789abcdef") }

// bench is a server with faults.
type bench struct {
	t     *testing.T
	depot *depot.Depot
	addr  *net.UDPAddr
	roots *x509.CertPool
}

// serve starts a server, over DTLS with a certificate and a key if secure.
func serve(t *testing.T, secure bool, strikes ...string) *bench {
	t.Helper()
	b := &bench{t: t}
	var c depot.Config
	for _, text := range strikes {
		s, err := depot.ParseStrike(text, fixtures.Fault)
		if err != nil {
			t.Fatal(err)
		}
		c.Strikes = append(c.Strikes, s)
	}
	var err error
	if b.depot, err = depot.New(c); err != nil {
		t.Fatal(err)
	}
	config := coap.Config{Listen: "127.0.0.1:0", Depot: b.depot}
	if secure {
		ca, err := certs.New()
		if err != nil {
			t.Fatal(err)
		}
		config.Authority, config.Identity, config.Key = ca, "lamp", key()
		b.roots = ca.Roots()
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := coap.Listen(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	b.addr = s.Addr()
	t.Cleanup(func() {
		stop()
		if err := s.Wait(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// wait is how long a test waits for an answer that does not come.
const wait = 300 * time.Millisecond

// dial opens a connection: plain, or a session with the key or with certificates.
func (b *bench) dial(how string) (net.Conn, error) {
	b.t.Helper()
	conn, err := net.DialUDP("udp", nil, b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	var options []dtls.ClientOption
	switch how {
	case "plain":
		return conn, nil
	case "key":
		options = append(options, dtls.WithPSK(func([]byte) ([]byte, error) { return key(), nil }), dtls.WithPSKIdentityHint([]byte("lamp")),
			dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CCM_8))
	default:
		options = append(options, dtls.WithRootCAs(b.roots), dtls.WithServerName("localhost"),
			dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8))
	}
	session, err := dtls.ClientWithOptions(packets{conn}, b.addr, options...)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*wait)
	defer cancel()
	return session, session.HandshakeContext(ctx)
}

// packets is a connected socket as the DTLS library wants it.
type packets struct{ *net.UDPConn }

func (p packets) WriteTo(data []byte, _ net.Addr) (int, error) { return p.Write(data) }

// block asks for one block of 64 bytes of the package, or for what path names.
func ask(t *testing.T, conn net.Conn, path string, num uint32) (m message.Message, err error) {
	t.Helper()
	q := message.Message{Type: message.Confirmable, Code: codes.GET, MessageID: int32(num + 100), Token: message.Token{1}}
	buf := make([]byte, 256)
	q.Options, _, _ = q.Options.SetPath(buf, path)
	v := make([]byte, 4)
	binary.BigEndian.PutUint32(v, num<<4|2)
	q.Options = q.Options.Add(message.Option{ID: message.Block2, Value: v[1:]})
	data := make([]byte, 2048)
	n, err := coder.DefaultCoder.Encode(q, data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(data[:n]); err != nil {
		return m, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(wait))
	if n, err = conn.Read(data); err != nil {
		return m, err
	}
	m.Options = make(message.Options, 0, 8)
	_, err = coder.DefaultCoder.Decode(data[:n], &m)
	return m, err
}

// good is the package that all tests ask for.
func good() depot.Release { return depot.Make("1.0.1", source.DefaultSize) }

// at is the part of the package that a block of 64 bytes is.
func at(num int) []byte {
	p := good()
	return p.Content[64*num : 64*num+64]
}

// block2 is the block that an answer says it has.
func block2(m message.Message) uint32 {
	v, _ := m.Options.GetUint32(message.Block2)
	return v
}

// TestGoCoapFetchesBlockWise lets another implementation fetch the package.
func TestGoCoapFetchesBlockWise(t *testing.T) {
	b, p := serve(t, false), good()
	conn, err := udp.Dial(b.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	res, err := conn.Get(ctx, "/packages/1.0.1.bin")
	if err != nil {
		t.Fatal(err)
	}
	body, err := res.ReadBody()
	if err != nil || !bytes.Equal(body, p.Content) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if r := b.depot.Report(); r.Fetches != 1 || r.Served != 1 || r.Last == nil || r.Last.Bytes != source.DefaultSize {
		t.Errorf("%+v %+v", r, r.Last)
	}
	res, err = conn.Get(ctx, "/versions")
	if err != nil {
		t.Fatal(err)
	}
	if body, err = res.ReadBody(); err != nil || !strings.Contains(string(body), `"version":"1.0.1"`) {
		t.Errorf("%s, %v", body, err)
	}
}

func TestSessions(t *testing.T) {
	b := serve(t, true)
	for _, how := range []string{"key", "certificate"} {
		conn, err := b.dial(how)
		if err != nil {
			t.Errorf("%s: %v", how, err)
			continue
		}
		if m, err := ask(t, conn, "packages/1.0.1.bin", 0); err != nil || !bytes.Equal(m.Payload, at(0)) {
			t.Errorf("%s: %v, %v", how, m, err)
		}
		_ = conn.Close()
	}
}

// meeting is how a fault shows: to whom, and what block comes when num is asked for.
type meeting struct {
	how string // plain, key or certificate
	num uint32
	ok  func(m message.Message, err error) bool
}

func met() map[string]meeting {
	silent := func(_ message.Message, err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
	refused := func(_ message.Message, err error) bool { return err != nil && !errors.Is(err, os.ErrDeadlineExceeded) }
	distrusted := func(_ message.Message, err error) bool {
		return err != nil && strings.Contains(err.Error(), "x509")
	}
	code := func(c codes.Code) func(message.Message, error) bool {
		return func(m message.Message, err error) bool { return err == nil && m.Code == c }
	}
	brings := func(num, value uint32) func(message.Message, error) bool {
		return func(m message.Message, err error) bool {
			return err == nil && bytes.Equal(m.Payload, at(int(num))) && block2(m) == value
		}
	}
	other := func(value uint32) func(message.Message, error) bool {
		return func(m message.Message, err error) bool {
			p := good()
			tag, _ := m.Options.GetBytes(message.ETag)
			return err == nil && len(m.Payload) == 64 && block2(m) == value && !bytes.Equal(tag, p.Tag())
		}
	}
	offers := func(text string) func(message.Message, error) bool {
		return func(m message.Message, err error) bool { return err == nil && bytes.Contains(m.Payload, []byte(text)) }
	}
	return map[string]meeting{
		"refused":     {"plain", 0, func(_ message.Message, err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		"unreachable": {"plain", 0, silent}, "stalled": {"plain", 0, silent}, "silent@block:4": {"plain", 4, silent},
		"wrong-ca": {"certificate", 0, distrusted}, "expired-certificate": {"certificate", 0, distrusted},
		"future-certificate": {"certificate", 0, distrusted}, "wrong-name": {"certificate", 0, distrusted},
		"broken-chain": {"certificate", 0, distrusted}, "self-signed": {"certificate", 0, distrusted},
		"wrong-key": {"key", 0, refused}, "handshake-fails": {"key", 0, refused}, "handshake-stalls": {"key", 0, refused},
		"bad-url": {"versions", 0, offers("\"url\":\"http:/")}, "unsupported-scheme": {"versions", 0, offers("\"url\":\"gopher")},
		"withdrawn": {"plain", 0, code(codes.NotFound)}, "unavailable": {"plain", 0, code(codes.ServiceUnavailable)},
		"flapping":      {"plain", 0, code(codes.InternalServerError)},
		"bad-signature": {"plain", 4, brings(4, 4<<4|8|2)}, "rollback": {"versions", 3, offers("back\"}")},
		"stale-metadata":       {"versions", 3, offers("e-metadata\"}")},
		"truncated@block:4":    {"plain", 3, brings(3, 3<<4|2)},
		"shortened@block:4":    {"plain", 4, code(codes.BadRequest)},
		"endless":              {"plain", 2047, brings(1023, 2047<<4|8|2)},
		"slow,rate=640":        {"plain", 4, brings(4, 4<<4|8|2)},
		"aborted@block:4":      {"plain", 4, func(m message.Message, err error) bool { return err == nil && m.Type == message.Reset }},
		"replaced@block:4":     {"plain", 4, other(4<<4 | 8 | 2)},
		"withdrawn-midway@256": {"plain", 4, code(codes.NotFound)},
		"flipped@257": {"plain", 4, func(m message.Message, err error) bool {
			return err == nil && len(m.Payload) == 64 && m.Payload[1] == at(4)[1]^1 && bytes.Equal(m.Payload[2:], at(4)[2:])
		}},
		"block-0-again@block:4": {"plain", 4, brings(0, 8|2)},
		"wrong-block@block:4":   {"plain", 4, brings(5, 5<<4|8|2)},
		"new-block-0@block:4":   {"plain", 4, other(8 | 2)},
		"block-size-changes@block:4": {"plain", 4, func(m message.Message, err error) bool {
			return err == nil && bytes.Equal(m.Payload, at(4)[:32]) && block2(m) == 8<<4|8|1
		}},
	}
}

// TestEachFault lets a client meet each fault of CoAP once.
func TestEachFault(t *testing.T) {
	table := met()
	for _, f := range fixtures.Faults() {
		if !slices.Contains(f.Over, "coap") {
			continue
		}
		text := ""
		for key := range table {
			if key == f.Name || strings.HasPrefix(key, f.Name+"@") || strings.HasPrefix(key, f.Name+",") {
				text = key
			}
		}
		if text == "" {
			t.Errorf("no test of the fault %s", f.Name)
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			meet(t, text, table[text])
		})
	}
}

func meet(t *testing.T, text string, how meeting) {
	path, by := "packages/1.0.1.bin", how.how
	if by == "versions" {
		path, by = "versions", "plain"
	}
	b := serve(t, by != "plain", text)
	conn, err := b.dial(by)
	var m message.Message
	if err == nil {
		m, err = ask(t, conn, path, how.num)
	}
	if !how.ok(m, err) {
		t.Errorf("%s: %v, block %x, %q, error %v", text, m.Code, block2(m), m.Payload, err)
	}
}

// TestConditionsTurnFaultsOnAndOff checks that a closed port opens again, and closes.
func TestConditionsTurnFaultsOnAndOff(t *testing.T) {
	b := serve(t, false, "refused")
	for _, step := range []struct {
		condition string
		served    bool
	}{{"report", false}, {"update-available", true}, {"update-fails", false}, {"update-available", true}} {
		if _, err := b.depot.Condition("", step.condition); err != nil {
			t.Fatal(err)
		}
		conn, _ := b.dial("plain") // a socket opens whether anybody listens or not
		if m, err := ask(t, conn, "packages/1.0.1.bin", 0); (err == nil && m.Code == codes.Content) != step.served {
			t.Errorf("after %s: %v, %v", step.condition, m.Code, err)
		}
	}
}

// TestAnAnswerThatTakesLong is acknowledged, and comes later as a message of its own.
func TestAnAnswerThatTakesLong(t *testing.T) {
	b := serve(t, false, "slow,rate=50") // 64 bytes take more than a second
	conn, _ := b.dial("plain")
	_, err := ask(t, conn, "packages/1.0.1.bin", 0)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	var got []message.Message
	for range 2 {
		data := make([]byte, 2048)
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, err := conn.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		m := message.Message{Options: make(message.Options, 0, 8)}
		if _, err := coder.DefaultCoder.Decode(data[:n], &m); err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if a, c := got[0], got[1]; a.Type != message.Acknowledgement || a.Code != codes.Empty || c.Type != message.Confirmable || !bytes.Equal(c.Payload, at(0)) || !bytes.Equal(c.Token, message.Token{1}) {
		t.Errorf("%v, then %v", a, c)
	}
}
