package fleet_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// feed is a Conn that gives its fleet one batch of packets after another and takes
// the answers.
type feed struct {
	packets chan []fleet.Packet
	handled chan struct{}
	closed  chan struct{}
	begun   bool
	answers atomic.Int64
	told    atomic.Int64 // answers to wellBehaved
}

// wellBehaved is the Client that sends valid requests among all the others.
var wellBehaved = addrPort("198.51.100.7:5000")

func newFeed() *feed {
	return &feed{packets: make(chan []fleet.Packet), handled: make(chan struct{}, 1), closed: make(chan struct{})}
}

// ReadBatch reports that the previous batch was handled, and takes the next one.
func (f *feed) ReadBatch(packets []fleet.Packet) (int, error) {
	if f.begun {
		f.handled <- struct{}{}
	}
	f.begun = true
	select {
	case batch := <-f.packets:
		return copy(packets, batch), nil
	case <-f.closed:
		return 0, net.ErrClosed
	}
}

func (f *feed) WriteBatch(packets []fleet.Packet) (int, error) {
	f.answers.Add(int64(len(packets)))
	for i := range packets {
		if packets[i].Peer == wellBehaved {
			f.told.Add(1)
		}
	}
	return len(packets), nil
}

func (f *feed) Close() error {
	select {
	case <-f.closed:
	default:
		close(f.closed)
	}
	return nil
}

// handle passes a batch to the fleet and waits until the fleet has handled it.
func (f *feed) handle(batch []fleet.Packet) {
	f.packets <- batch
	<-f.handled
}

// seeds are valid messages to mutate.
var seeds = []string{
	"40 01 1234" + pstat,
	"42 01 1234 aabb 60" + afterObserve,
	"42 01 1234 aabb 61 01" + afterObserve,
	"40 02 1234" + pstat + "12 2710 ff a162'tm'1840",
	"40 02 1234" + pstat + "12 2710 ff a162'tm'1880",
	"50 02 1234" + pstat + "11 3c ff a262'tm'18c063'dos'a161's'03",
	"40 02 1234" + pstat + "12 2710 d1 02 08 ff a3 62'tm'00 62'om'04 63'dos'a1 61's'",
	"40 02 1234" + pstat + "12 2710 d1 02 10 ff 03",
	"44 01 1234 00000000 b3'oic' 03'res' 4d 00'rt=oic.r.doxm'",
	"40 01 1234 bb'.well-known' 04'core'",
	"40 01 1234 b3'oic' 03'sec' 04'doxm' 4a'owned=true' 22 2710 e2 06e3 0800",
	"40 00 1234", "70 00 1234", "60 00 1234",
}

// mutate changes a message in a few places, or sometimes makes one up.
func mutate(rng *rand.Rand, seeds [][]byte, buf []byte) []byte {
	buf = buf[:0]
	if rng.IntN(8) == 0 {
		for range rng.IntN(64) {
			buf = append(buf, byte(rng.Uint32()))
		}
		return buf
	}
	buf = append(buf, seeds[rng.IntN(len(seeds))]...)
	binary.BigEndian.PutUint16(buf[2:], uint16(rng.Uint32()))
	for range rng.IntN(4) {
		at := rng.IntN(len(buf))
		switch rng.IntN(5) {
		case 0:
			buf[at] = byte(rng.Uint32())
		case 1:
			buf[at] ^= 1 << rng.IntN(8)
		case 2:
			buf = buf[:at+1]
		case 3:
			buf = append(buf[:at], append([]byte{byte(rng.Uint32())}, buf[at:]...)...)
		case 4:
			buf = append(buf[:at+1], buf[at/2:]...)
		}
	}
	return buf[:min(len(buf), 2048)]
}

// mayChange reports whether a datagram could be a valid request that changes a
// Device: a well-formed POST to pstat whose payload is a CBOR map, or a block of any
// payload. It uses none of the fleet's code to read the datagram.
func mayChange(data []byte) bool {
	if len(data) < 4 || data[0]>>6 != 1 || data[0]>>4&3 > 1 || data[1] != 2 {
		return false
	}
	at, number, path, block := 4+int(data[0]&15), 0, "", false
	if data[0]&15 > 8 {
		return false
	}
	extended := func(nibble int) (int, bool) {
		switch {
		case nibble < 13:
			return nibble, true
		case nibble == 13 && at < len(data):
			at++
			return 13 + int(data[at-1]), true
		case nibble == 14 && at+1 < len(data):
			at += 2
			return 269 + int(data[at-2])<<8 + int(data[at-1]), true
		}
		return 0, false
	}
	for at < len(data) && data[at] != 0xff {
		head := int(data[at])
		at++
		delta, ok := extended(head >> 4)
		if !ok {
			return false
		}
		length, ok := extended(head & 15)
		if number += delta; !ok || at+length > len(data) {
			return false
		}
		switch number {
		case 11:
			path += "/" + string(data[at:at+length])
		case 27:
			block = true
		}
		at += length
	}
	if path != ocf.PathPstat || at+1 >= len(data) {
		return false
	}
	var update map[string]any
	return block || cbor.Unmarshal(data[at+1:], &update) == nil
}

// packets returns how many packets to send: OCFSIM_TORTURE, or n if that is not set.
func packets(t *testing.T, n int) int {
	t.Helper()
	if s := os.Getenv("OCFSIM_TORTURE"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("OCFSIM_TORTURE: %v", err)
		}
	}
	return n
}

// TestTorture sends random and mutated packets. Only a packet that could be a valid
// POST may change a Device, no memory stays in use, and a well-behaved Client is answered
// each time. OCFSIM_TORTURE is the number of packets.
func TestTorture(t *testing.T) {
	n := packets(t, 200_000)
	conn := newFeed()
	fl := onLoopback(t, func(c *fleet.Config) { c.Conn, c.Devices, c.Listen = conn, 3, addrPort("127.1.0.1:5683") })
	rng := rand.New(rand.NewPCG(42, 42))
	var messages [][]byte
	for _, s := range seeds {
		messages = append(messages, bytesOf(t, s))
	}
	// The last Device gets no packet that may change it.
	var asked int64
	var waited latencies
	torment := func(count int) (posts int) {
		batch := make([]fleet.Packet, 32)
		for k := range count / len(batch) {
			for i := range batch {
				data := mutate(rng, messages, batch[i].Data)
				p := fleet.Packet{Peer: peerOf(rng), Local: fl.Addr(rng.IntN(3)), Data: data}
				if mayChange(data) {
					p.Local = fl.Addr(rng.IntN(2))
					posts++
				}
				if rng.IntN(16) == 0 {
					p.Local, p.Multicast = addrPort("224.0.1.187:5683"), true
				}
				batch[i] = p
			}
			began, last := time.Now(), &batch[len(batch)-1]
			if k%100 == 0 {
				asked++
				*last = fleet.Packet{Peer: wellBehaved, Local: fl.Addr(2), Data: bytesOf(t, fmt.Sprintf("40 01 %04x"+pstat, uint16(asked)))}
			}
			if conn.handle(batch); k%100 == 0 {
				waited = append(waited, time.Since(began))
			}
		}
		return posts
	}
	before := fl.State(2)
	torment(n / 2) // until everything that is bounded has reached its bound
	low := heapAfterGC()
	posts := torment(n - n/2)
	high := heapAfterGC()
	if after := fl.State(2); after != before {
		t.Errorf("a Device changed from %+v to %+v without a valid request", before, after)
	}
	if growth := int64(high) - int64(low); n >= 1_000_000 && growth > 8<<20 {
		t.Errorf("the heap grew by %d bytes", growth)
	}
	if conn.told.Load() != asked {
		t.Errorf("the well-behaved Client asked %d times and was answered %d times", asked, conn.told.Load())
	}
	s := fl.Stats()
	if s.Malformed == 0 || s.Responses == 0 || s.Resets == 0 || posts == 0 {
		t.Errorf("the packets were not the right ones: %+v", s)
	}
	t.Logf("%d packets, %d answers, heap %d to %d KiB; with 31 packets before, a Client: %v; %+v", n, conn.answers.Load(), low>>10, high>>10, waited, s)
}

// peerOf returns one of 1024 addresses.
func peerOf(rng *rand.Rand) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(rng.IntN(32))}), uint16(1024+rng.IntN(32)))
}

func heapAfterGC() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// FuzzPacket looks for a packet that ends the fleet, or that changes a Device though
// it cannot be a valid POST.
func FuzzPacket(f *testing.F) {
	for _, s := range seeds {
		f.Add(bytesOf(f, s), false)
	}
	conn := newFeed()
	fl := onLoopback(f, func(c *fleet.Config) { c.Conn, c.Devices, c.Listen = conn, 1, addrPort("127.1.0.1:5683") })
	rng := rand.New(rand.NewPCG(1, 1))
	f.Fuzz(func(t *testing.T, data []byte, multicast bool) {
		if mayChange(data) {
			return
		}
		before := fl.State(0)
		p := fleet.Packet{Peer: peerOf(rng), Local: fl.Addr(0), Data: data}
		if multicast {
			p.Local, p.Multicast = addrPort("224.0.1.187:5683"), true
		}
		conn.handle([]fleet.Packet{p})
		if after := fl.State(0); after != before {
			t.Errorf("%x changed a Device from %+v to %+v", data, before, after)
		}
	})
}

// TestTortureOfSockets sends such packets through a real socket. Afterwards the
// fleet answers as if nothing had happened.
func TestTortureOfSockets(t *testing.T) {
	fl := onLoopback(t, func(c *fleet.Config) { c.Devices = 3 })
	rng := rand.New(rand.NewPCG(43, 43))
	var messages [][]byte
	for _, s := range seeds {
		messages = append(messages, bytesOf(t, s))
	}
	before := fl.State(2)
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var buf []byte
	n, low := packets(t, 20_000), uint64(0)
	for i := range n {
		if i == n/2 {
			low = heapAfterGC()
		}
		buf = mutate(rng, messages, buf)
		to := fl.Addr(2)
		if mayChange(buf) {
			to = fl.Addr(rng.IntN(2))
		}
		if _, err := c.WriteToUDPAddrPort(buf, to); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		p := dialUDP(t, fl.Addr(i))
		for data := []byte(nil); data == nil; { // the first attempt may be lost to a full buffer
			p.send("42 01 1234 aabb" + pstat)
			data = p.receiveWithin(5 * time.Second)
		}
	}
	if after := fl.State(2); after != before {
		t.Errorf("a Device changed from %+v to %+v without a valid request", before, after)
	}
	high := heapAfterGC()
	if growth := int64(high) - int64(low); n >= 1_000_000 && growth > 8<<20 {
		t.Errorf("the heap grew by %d bytes", growth)
	}
	t.Logf("%d packets, heap %d to %d KiB, %+v", n, low>>10, high>>10, fl.Stats())
}
