package fleet

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// plainly is an observation as the simplest audience would keep it.
type plainly struct {
	device int32
	peer   netip.AddrPort
	token  byte
}

// Whatever begins and ends, the audience has the observations that a plain list has, in the
// order in which they began, and finds those of a Client. When the last has ended, nothing is
// kept.
func TestAudienceKeepsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	f, _ := deafFleet(t, Config{Devices: 3})
	sh := f.shard
	var want []plainly
	step := func(begin bool) {
		p := plainly{
			device: int32(rng.IntN(3)), token: byte(rng.IntN(3)),
			peer: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(4))}), uint16(1+rng.IntN(4))),
		}
		r := &request{accept: none, observe: observeStart}
		if !begin {
			p = want[rng.IntN(len(want))]
			r.observe = observeEnd
		}
		r.token, r.line = []byte{p.token}, line{local: f.Addr(int(p.device)), peer: p.peer}
		sh.observe(sh.slot(int(p.device)), r, sim.Rep{Path: ocf.PathPstat})
		want = slices.DeleteFunc(want, func(q plainly) bool { return p == q })
		if begin {
			want = append(want, p)
		}
	}
	check := func() {
		t.Helper()
		for d := range int32(3) {
			var of []plainly
			for o := range sh.observersOf(sh.slot(int(d))) {
				of = append(of, plainly{o.device, sh.lineOf(o).peer, o.token[0]})
			}
			if wanted := slices.DeleteFunc(slices.Clone(want), func(p plainly) bool { return p.device != d }); !slices.Equal(of, wanted) {
				t.Fatalf("device %d\n got %v\nwant %v", d, of, wanted)
			}
		}
		for _, p := range want {
			found := false
			for o := range sh.audience.on(p.device, line{local: f.Addr(int(p.device)), peer: p.peer}) {
				found = found || o.token[0] == p.token
			}
			if !found {
				t.Fatalf("%v is not found", p)
			}
		}
	}
	sh.do(func() {
		for range 2 {
			for range 1500 {
				step(len(want) == 0 || rng.IntN(5) < 3)
				check()
			}
			for len(want) > 0 {
				step(false)
				check()
			}
			if a := &sh.audience; a.count != 0 || a.pages != nil || a.firsts != nil || a.holders.pages != nil || a.terms.list != nil || a.lines.parts != nil {
				t.Fatalf("something is kept: %+v", a)
			}
		}
	})
}

// many is how many observers one Device has in a test.
const many = 100_000

// manyAt is where observer i of many is.
func manyAt(i uint32) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 5683)
}

// receiveMany has the fleet receive a request from each of many addresses.
func receiveMany(sh *shard, to netip.AddrPort, request string) {
	batch := make([]Packet, 0, batchSize)
	for i := range many {
		data := []byte(request)
		binary.BigEndian.PutUint32(data[4:], uint32(i))
		if batch = append(batch, Packet{Local: to, Peer: manyAt(uint32(i)), Data: data}); len(batch) == batchSize || i == many-1 {
			sh.receiveAll(batch)
			batch = batch[:0]
		}
	}
}

// live is how many bytes of the heap are in use.
func live() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// One Device has 100,000 observers at an address each. They take no more memory than
// ObserverMemory says, each is told of a change, and each ends its observation by a
// RST. Nothing of this searches through all of them for each, which would take minutes.
func TestManyObserversOfOneDevice(t *testing.T) {
	const observing = "\x44\x01\x12\x34\x00\x00\x00\x00\x60\x53oic\x03sec\x05pstat"
	f, conn := deafFleet(t, Config{Dedup: 1 << 16})
	sh := f.shard
	before := live()
	receiveMany(sh, f.Addr(0), observing)
	conn.sent = nil
	each := (live() - before) / many
	t.Logf("an observation takes %d bytes", each)
	if s := f.Stats(); s.Observers != many || s.Drops.Observers != 0 {
		t.Fatalf("%d observers, %d refused", s.Observers, s.Drops.Observers)
	}
	if each > ObserverMemory {
		t.Errorf("an observation takes %d bytes, want %d at most", each, ObserverMemory)
	}
	began := time.Now()
	sh.do(func() { sh.apply(sh.slot(0), &sim.Event{Kind: sim.Autonomous, Bits: ocf.SVV}) })
	t.Logf("the lock was held for %v", time.Since(began))
	sh.do(func() { // what the alarm would do
		for len(sh.tellings.list) > 0 {
			sh.alarm.stop(&sh.tellings.timer)
			sh.tellings.expire(sh)
		}
	})
	t.Logf("all were told in %v", time.Since(began))
	told := make(map[uint32]int)
	for _, data := range conn.sent {
		if data[1] == 0x45 {
			told[binary.BigEndian.Uint32(data[4:])]++
		}
	}
	notifications := int(f.Stats().Notifications)
	if len(told) != many || notifications%many != 0 {
		t.Fatalf("%d observers were told by %d notifications", len(told), notifications)
	}
	for token, times := range told {
		if times != notifications/many {
			t.Fatalf("observer %d was told %d times, want %d", token, times, notifications/many)
		}
	}
	resetAll(sh, f.Addr(0), conn.sent)
	if n := f.Stats().Observers; n != 0 {
		t.Errorf("%d observers are left though each has sent a RST", n)
	}
}

// resetAll has the fleet receive a RST for each of some notifications.
func resetAll(sh *shard, to netip.AddrPort, notifications [][]byte) {
	for batch := range slices.Chunk(notifications, batchSize) {
		var packets []Packet
		for _, data := range batch {
			packets = append(packets, Packet{Local: to, Peer: manyAt(binary.BigEndian.Uint32(data[4:])), Data: []byte{0x70, 0, data[2], data[3]}})
		}
		sh.receiveAll(packets)
	}
}

// At the limit one address that holds nearly everything gives way to others, over all
// Devices, and is told so; it gets nothing from them.
func TestOneAddressDoesNotKeepAllObservations(t *testing.T) {
	const limit, others = 1000, 40
	f, conn := deafFleet(t, Config{Devices: 2, Observers: limit})
	sh := f.shard
	register := func(device int32, addr byte, port uint16) (ok bool) {
		r := &request{accept: none, observe: observeStart}
		r.line = line{local: f.Addr(int(device)), peer: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, addr}), port)}
		sh.do(func() { _, ok = sh.observe(sh.slot(int(device)), r, sim.Rep{Path: ocf.PathPstat}) })
		return ok
	}
	for i := range limit {
		if !register(0, 0, uint16(1+i)) {
			t.Fatalf("observation %d is refused", i)
		}
	}
	for i := range others {
		if !register(int32(i%2), byte(1+i), 5683) {
			t.Errorf("the observation of address %d is refused", 1+i)
		}
	}
	if register(0, 0, limit+1) {
		t.Error("the address that has most drives others out")
	}
	s := f.Stats()
	if s.Observers != limit || s.Drops.ObserversLost != others || s.Drops.Observers != 1 || len(conn.sent) != others {
		t.Errorf("%+v, %d messages", s, len(conn.sent))
	}
}
