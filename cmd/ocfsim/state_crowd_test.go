//go:build unix && !race

package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// The requests, but for their message ids.
const (
	writeV    = "\x40\x02\x00\x00\xb3oic\x03sec\x05pstat\x12\x27\x10\xff\xa1\x62tm\x18\x40"
	readPstat = "\x40\x01\x00\x00\xb3oic\x03sec\x05pstat\x62\x27\x10"
)

// crowded is how many Devices are killed at once.
const crowded = 300

// TestNoneOfACrowdIsForgotten kills a process with many Devices while it saves what they do.
// First, Clients have written to them, and some were answered; then a condition has had all
// of them begin a check by themselves, and was answered. After the restart each Device whose
// write was answered, and after the condition each Device, has begun the check.
func TestNoneOfACrowdIsForgotten(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, dir: t.TempDir()}
	first := netip.MustParseAddrPort("127.77.24.1:47240")
	start := func() {
		b.told = b.device([]string{
			"--listen", first.String(), "--devices", "300", "--unsecured", "--state", "state", "--control", "127.0.0.1:0",
		})
	}
	random := rand.New(rand.NewPCG(3, 4))
	answered := 0
	for n := range 2 {
		start()
		written := ask(t, first, writeV, 1+random.IntN(crowded-1))
		b.end(b.running)
		start()
		state := ask(t, first, readPstat, crowded)
		for i := range written {
			if answered++; !checks(t, state[i]) {
				t.Errorf("kill %d: Device %d had answered that a check began, and shows %x", n+1, i, state[i])
			}
		}
		b.end(b.running)
	}
	if answered == 0 {
		t.Error("no write was answered: nothing is tried")
	}
	start()
	resp, err := http.Post(b.told.Control, "application/json", strings.NewReader(`{"condition": "autonomous-validation"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	b.end(b.running)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the condition is answered %s", resp.Status)
	}
	start()
	for i, payload := range ask(t, first, readPstat, crowded) {
		if !checks(t, payload) {
			t.Errorf("the condition was answered, and Device %d shows %x", i, payload)
		}
	}
}

// ask sends the request to each Device, and returns the payloads of the first answers, by
// Device, as soon as there are enough. An answer must be a success.
func ask(t *testing.T, first netip.AddrPort, request string, enough int) map[int][]byte {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 77, 24, 0)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	base := first.Addr().As4()
	number := binary.BigEndian.Uint32(base[:])
	answers, buffer := map[int][]byte{}, make([]byte, 2048)
	for round := 0; len(answers) < enough && round < 20; round++ {
		for i := range crowded {
			if answers[i] != nil {
				continue
			}
			data := []byte(request)
			binary.BigEndian.PutUint16(data[2:], uint16(i))
			var to [4]byte
			binary.BigEndian.PutUint32(to[:], number+uint32(i))
			if _, err := conn.WriteToUDPAddrPort(data, netip.AddrPortFrom(netip.AddrFrom4(to), first.Port())); err != nil {
				t.Fatal(err)
			}
		}
		for len(answers) < enough {
			_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			n, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				break // whoever has not answered is asked again
			}
			if n < 4 || buffer[1]>>5 != 2 {
				t.Fatalf("%v answered %x", from, buffer[:n])
			}
			at := from.Addr().As4()
			_, payload, _ := bytes.Cut(buffer[4:n], []byte{0xff})
			answers[int(binary.BigEndian.Uint32(at[:])-number)] = append([]byte{}, payload...)
		}
	}
	if len(answers) < enough {
		t.Fatalf("%d of %d Devices have answered", len(answers), enough)
	}
	return answers
}

// checks reports whether a Device checks, or has checked and found something.
func checks(t *testing.T, payload []byte) bool {
	t.Helper()
	p, _, err := ocf.DecodePstat(payload)
	if err != nil {
		t.Errorf("%x: %v", payload, err)
	}
	return (p.TM|p.CM)&ocf.SVV != 0
}
