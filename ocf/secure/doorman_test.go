package secure_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// hello is a ClientHello written by hand: record, message, body.
func hello(recordSeq uint64, messageSeq uint16, random byte, cookie []byte) []byte {
	body := append([]byte{0xfe, 0xfd}, bytes.Repeat([]byte{random}, 32)...)
	body = append(body, 0)                                              // session_id
	body = append(append(body, byte(len(cookie))), cookie...)           // cookie
	body = append(body, 0, 4, 0xc0, 0x37, 0x00, 0xff)                   // cipher_suites
	body = append(body, 1, 0)                                           // compression_methods
	body = append(body, 0, 8, 0x00, 0x0a, 0x00, 0x04, 0, 2, 0x00, 0x17) // supported_groups: P-256
	message := []byte{1, 0, 0, byte(len(body)), 0, byte(messageSeq)}    // shorter than 256 bytes
	message = append(append(message, 0, 0, 0, 0, 0, byte(len(body))), body...)
	out := binary.BigEndian.AppendUint64([]byte{22, 0xfe, 0xff}, recordSeq)
	out = binary.BigEndian.AppendUint16(out, uint16(len(message)))
	return append(out, message...)
}

var start = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func doorman(t testing.TB) *secure.Doorman {
	t.Helper()
	return must[*secure.Doorman](t)(secure.NewDoorman(strings.NewReader("a secret that is 32 bytes long..")))
}

// cookieOf challenges and reads the reply strictly.
func cookieOf(t testing.TB, d *secure.Doorman, datagram []byte, peer, device netip.AddrPort, now time.Time) []byte {
	t.Helper()
	verdict, reply, rest := d.Meet(datagram, peer, device, now)
	if verdict != secure.Challenge || rest != nil || len(reply) != 48 || len(reply) >= len(datagram) {
		t.Fatalf("%v, reply % x", verdict, reply)
	}
	want := append([]byte{22, 0xfe, 0xfd}, datagram[3:11]...) // the record's number is the hello's
	want = append(want, 0, 35, 3, 0, 0, 23, 0, 0, 0, 0, 0, 0, 0, 23, 0xfe, 0xfd, 20)
	if diff := cmp.Diff(want, reply[:28]); diff != "" {
		t.Fatal(diff)
	}
	return reply[28:]
}

func TestDoormanAdmits(t *testing.T) {
	d := doorman(t)
	cookie := cookieOf(t, d, hello(5, 0, 7, nil), clientAddr, deviceAddr, start)
	right := hello(6, 1, 7, cookie)
	for name, datagram := range map[string][]byte{"alone": right, "with more behind it": append(slices.Clone(right), 1, 2, 3)} {
		verdict, reply, got := d.Meet(datagram, clientAddr, deviceAddr, start.Add(30*time.Second))
		if verdict != secure.Admit || reply != nil || !bytes.Equal(got, right) {
			t.Errorf("%s: %v", name, verdict)
		}
	}
	if verdict, _, _ := doorman(t).Meet(right, clientAddr, deviceAddr, start); verdict != secure.Admit {
		t.Errorf("another Doorman with the same secret: %v", verdict)
	}
}

// Every cookie that is not quite right is challenged, with a new one.
func TestDoormanChallenges(t *testing.T) {
	d := doorman(t)
	cookie := cookieOf(t, d, hello(0, 0, 7, nil), clientAddr, deviceAddr, start)
	wrong := slices.Clone(cookie)
	wrong[19] ^= 1
	other := must[*secure.Doorman](t)(secure.NewDoorman(nil))
	port := netip.AddrPortFrom(clientAddr.Addr(), clientAddr.Port()+1)
	host := netip.MustParseAddrPort("127.0.0.2:50000")
	device := netip.MustParseAddrPort("127.1.2.4:5684")
	suites := hello(1, 1, 7, cookie)
	suites[len(suites)-14] = 0x38
	for _, c := range []struct {
		name         string
		d            *secure.Doorman
		datagram     []byte
		peer, device netip.AddrPort
		now          time.Time
	}{
		{"wrong cookie", d, hello(1, 1, 7, wrong), clientAddr, deviceAddr, start},
		{"shorter cookie", d, hello(1, 1, 7, cookie[:19]), clientAddr, deviceAddr, start},
		{"longer cookie", d, hello(1, 1, 7, append(slices.Clone(cookie), 0)), clientAddr, deviceAddr, start},
		{"no cookie in a second hello", d, hello(1, 1, 7, nil), clientAddr, deviceAddr, start},
		{"right cookie in a first hello", d, hello(1, 0, 7, cookie), clientAddr, deviceAddr, start},
		{"stale cookie", d, hello(1, 1, 7, cookie), clientAddr, deviceAddr, start.Add(time.Minute)},
		{"cookie of the future", d, hello(1, 1, 7, cookie), clientAddr, deviceAddr, start.Add(-30 * time.Second)},
		{"other random", d, hello(1, 1, 8, cookie), clientAddr, deviceAddr, start},
		{"other suites", d, suites, clientAddr, deviceAddr, start},
		{"other peer's port", d, hello(1, 1, 7, cookie), port, deviceAddr, start},
		{"other peer's address", d, hello(1, 1, 7, cookie), host, deviceAddr, start},
		{"for another Device", d, hello(1, 1, 7, cookie), clientAddr, device, start},
		{"for another port of the Device", d, hello(1, 1, 7, cookie), clientAddr, netip.AddrPortFrom(deviceAddr.Addr(), 5685), start},
		{"other secret", other, hello(1, 1, 7, cookie), clientAddr, deviceAddr, start},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := cookieOf(t, c.d, c.datagram, c.peer, c.device, c.now); bytes.Equal(got, cookie) && c.name != "wrong cookie" &&
				!strings.Contains(c.name, "er cookie") && !strings.Contains(c.name, "hello") {
				t.Error("got the same cookie")
			}
		})
	}
}

func TestDoormanDrops(t *testing.T) {
	d := doorman(t)
	whole := hello(0, 0, 7, nil)
	alter := func(at int, b byte) []byte {
		out := slices.Clone(whole)
		out[at] = b
		return out
	}
	cases := map[string][]byte{
		"nothing":                      nil,
		"another content type":         alter(0, 23),
		"an alert":                     {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40},
		"TLS":                          alter(1, 3),
		"epoch 1":                      alter(4, 1),
		"a ServerHello":                alter(13, 2),
		"a fragment's offset":          alter(21, 1),
		"a fragment's length":          alter(24, 10),
		"a longer message":             alter(15, 1),
		"a record longer than it is":   alter(12, 0xff),
		"a record shorter than it is":  alter(12, whole[12]-1),
		"a record without a message":   alter(12, 11),
		"a third hello":                hello(2, 2, 7, nil),
		"a session_id past the end":    alter(13+12+34, 200),
		"a cookie past the end":        alter(13+12+35, 200),
		"suites past the end":          alter(13+12+36, 0xff),
		"compression past the end":     alter(13+12+36+6, 0xff),
		"a CoAP message":               {0x40, 1, 0, 1, 0xb3, 'o', 'i', 'c'},
		"a hello with an empty record": alter(12, 0),
	}
	for n := range whole {
		cases[fmt.Sprintf("%d bytes of a hello", n)] = whole[:n]
	}
	for name, datagram := range cases {
		if verdict, reply, rest := d.Meet(datagram, clientAddr, deviceAddr, start); verdict != secure.Drop || reply != nil || rest != nil {
			t.Errorf("%s: %v", name, verdict)
		}
	}
}

// However many hellos come, nothing is kept of them.
func TestDoormanKeepsNothing(t *testing.T) {
	d := doorman(t)
	rng := rand.New(rand.NewPCG(1, 2))
	datagram := hello(0, 0, 7, nil)
	flood := func(n int) {
		for range n {
			binary.BigEndian.PutUint64(datagram[30:], rng.Uint64())
			peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(rng.Uint32()), byte(rng.Uint32()), 1}), uint16(rng.Uint32()))
			if verdict, _, _ := d.Meet(datagram, peer, deviceAddr, start); verdict != secure.Challenge {
				t.Fatal(verdict)
			}
		}
	}
	held := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	flood(1000)
	before, routines := held(), runtime.NumGoroutine()
	flood(100_000)
	after := held()
	runtime.KeepAlive(d)
	// One byte for each would be 100 kB; other tests of the process hold less.
	if after > before+64<<10 {
		t.Errorf("holds %d bytes more", after-before)
	}
	if n := runtime.NumGoroutine(); n > routines {
		t.Errorf("%d goroutines, %d before", n, routines)
	}
}

func TestBegins(t *testing.T) {
	if !secure.Begins(hello(0, 0, 7, nil)) || !secure.Begins(hello(1, 1, 7, make([]byte, 20))) {
		t.Error("a hello begins nothing")
	}
	encrypted := hello(0, 0, 7, nil)
	encrypted[4] = 1
	for _, datagram := range [][]byte{nil, {22}, encrypted} {
		if secure.Begins(datagram) {
			t.Errorf("% x begins something", datagram)
		}
	}
}

func TestVerdictWords(t *testing.T) {
	if got := fmt.Sprint(secure.Drop, secure.Challenge, secure.Admit, secure.Verdict(9)); got != "drop challenge admit Verdict(9)" {
		t.Error(got)
	}
}

func TestDoormanNeedsSecret(t *testing.T) {
	if _, err := secure.NewDoorman(strings.NewReader("short")); err == nil {
		t.Error("a short secret was taken")
	}
}

func FuzzMeet(f *testing.F) {
	d := doorman(f)
	cookie := cookieOf(f, d, hello(0, 0, 7, nil), clientAddr, deviceAddr, start)
	f.Add([]byte{})
	f.Add(hello(0, 0, 7, nil))
	f.Add(hello(1, 1, 7, cookie))
	f.Add(hello(1, 1, 7, cookie[1:]))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		before := slices.Clone(datagram)
		verdict, reply, admitted := d.Meet(datagram, clientAddr, deviceAddr, start)
		if !bytes.Equal(before, datagram) {
			t.Error("the datagram was written to")
		}
		if verdict != secure.Drop && !secure.Begins(datagram) {
			t.Error("judged what begins nothing")
		}
		switch verdict {
		case secure.Drop:
			if reply != nil || admitted != nil {
				t.Error("dropped with an answer")
			}
		case secure.Challenge:
			if len(reply) != 48 || len(reply) >= len(datagram) || admitted != nil {
				t.Errorf("reply of %d bytes to %d", len(reply), len(datagram))
			}
		case secure.Admit:
			if reply != nil || !bytes.HasPrefix(datagram, admitted) || !bytes.Contains(admitted, cookie) {
				t.Error("admitted without the cookie")
			}
			s := secure.Server{OTM: ptr(secure.JustWorks)}
			a, _ := newPipe(deviceAddr, clientAddr)
			_ = a.Close()
			if _, _, err := s.Accept(t.Context(), a, net.UDPAddrFromAddrPort(clientAddr), admitted); err == nil {
				t.Error("a handshake over a closed path")
			}
		}
	})
}

// What a flood costs: every one of its hellos is one HMAC and one reply.
func BenchmarkChallenge(b *testing.B) {
	d := doorman(b)
	datagram := hello(0, 0, 7, nil)
	b.ReportAllocs()
	for b.Loop() {
		if verdict, _, _ := d.Meet(datagram, clientAddr, deviceAddr, start); verdict != secure.Challenge {
			b.Fatal(verdict)
		}
	}
}
