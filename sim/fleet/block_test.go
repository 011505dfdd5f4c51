package fleet_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// block1 makes a POST to pstat with one block. option is the Block1 option with num,
// more and szx.
func block1(mid int, option, payload string) string {
	return fmt.Sprintf("40 02 %04x"+pstat+"12 2710 d1 02 %s ff %s", mid, option, payload)
}

func TestBlock1(t *testing.T) {
	tests := map[string][]exchange{
		"whole, in one block": {{"", block1(1, "06", "a162'tm'1840"), "60 44 0001 d1 0e 06"}},
		"in order": {
			{"", block1(1, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's'"), "60 5f 0001 d1 0e 08"},
			{"", block1(2, "10", "03"), "60 44 0002 d1 0e 10"},
		},
		"first again": {
			{"", block1(1, "08", "ffffffffffffffffffffffffffffffff"), "60 5f 0001"},
			{"", block1(2, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's'"), "60 5f 0002"},
			{"", block1(3, "10", "03"), "60 44 0003"},
		},
		"without the first":   {{"", block1(1, "10", "03"), "60 88 0001 d1 0e 10"}},
		"with a gap":          {{"", block1(1, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's'"), "60 5f 0001"}, {"", block1(2, "20", "03"), "60 88 0002"}},
		"too short":           {{"", block1(1, "08", "a3"), "60 80 0001"}, {"", block1(2, "10", "03"), "60 88 0002"}},
		"too long":            {{"", block1(1, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's' 00"), "60 80 0001"}},
		"reserved size":       {{"", block1(1, "07", "a0"), "60 80 0001"}},
		"option of 4 bytes":   {{"", "40 02 0001" + pstat + "12 2710 d4 02 00000006 ff a0", "60 82 0001"}},
		"answer in blocks":    {{"", "40 02 0001" + pstat + "12 2710 b1 10 ff a0", "60 88 0001"}},
		"more than one block": {{"", "40 02 0001" + pstat + "12 2710 d1 02 06 01 06 ff a0", "60 82 0001"}},
	}
	for name, exchanges := range tests {
		t.Run(name, func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, nil, func(w *world) {
				p := w.dial("127.1.0.2:5683")
				for _, e := range exchanges {
					p.want(e.send, e.answer)
				}
			})
		})
	}
}

// The blocks of two Clients do not mix.
func TestBlock1OfTwo(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want(block1(1, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's'"), "60 5f 0001")
		q.want(block1(1, "08", "ffffffffffffffffffffffffffffffff"), "60 5f 0001")
		p.want(block1(2, "10", "03"), "60 44 0002")
		q.want(block1(2, "10", "ff"), "60 80 0002")
	})
}

// A payload is given up if it is too large or if its next block does not come.
func TestBlock1IsBounded(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		kilo := fmt.Sprintf("%x", make([]byte, 1024))
		for i := range fleet.MaxBody / 1024 {
			p.want(bigBlock(i, kilo), fmt.Sprintf("60 5f %04x", i))
		}
		p.want(bigBlock(fleet.MaxBody/1024, kilo), fmt.Sprintf("60 8d %04x", fleet.MaxBody/1024))
		p.want(bigBlock(fleet.MaxBody/1024+1, kilo), fmt.Sprintf("60 88 %04x", fleet.MaxBody/1024+1))
		p.want("40 02 0100"+pstat+"12 2710 ff"+strings.Repeat("00", 5000), "60 8d 0100 d2 2f 4000") // in one datagram
	})
}

// A Client that begins thousands of payloads, from many ports, neither ends that of
// another nor keeps others from beginning one. OCFSIM_TORTURE is their number.
func TestBlock1OfTheGreedy(t *testing.T) {
	const first, last = "a3 62'tm'00 62'om'04 63'dos'a1 61's'", "03"
	n := min(packets(t, 2000), 50_000)
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Devices = 200 }, func(w *world) {
		good, late := w.dialFrom("198.51.100.7:1000", "127.1.0.2:5683"), w.dialFrom("198.51.100.8:1000", "127.1.0.3:5683")
		good.want(block1(1, "08", first), "60 5f 0001")
		for i := range n {
			greedy := w.dialFrom(fmt.Sprintf("203.0.113.1:%d", 1000+i), fmt.Sprintf("127.1.0.%d:5683", 1+i%200))
			greedy.want(block1(1, "08", first), "60 5f 0001")
			_ = greedy.conn.Close()
			if i == n/2 {
				late.want(block1(1, "08", first), "60 5f 0001")
			}
		}
		good.want(block1(2, "10", last), "60 44 0002")
		late.want(block1(2, "10", last), "60 44 0002")
		if lost := w.fleet.Stats().Drops.BlocksForgotten; lost != uint64(n)-fleet.MaxAssembliesOf {
			t.Errorf("%d payloads gave way", lost)
		}
	})
}

// Where as many addresses as there is room for begin one payload each, as a forger can,
// those give way that have only begun; the payload that goes on is taken whole.
func TestBlock1OfForgers(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		good := w.dialFrom("198.51.100.7:1000", "127.1.0.2:5683")
		good.want(block1(1, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's'"), "60 5f 0001")
		good.want(block1(2, "18", "03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"), "60 5f 0002")
		for i := range 2000 {
			forged := w.dialFrom(fmt.Sprintf("203.0.%d.%d:1000", i/250, i%250), "127.1.0.2:5683")
			forged.want(block1(1, "08", "ffffffffffffffffffffffffffffffff"), "60 5f 0001")
			_ = forged.conn.Close()
		}
		good.want(block1(3, "20", "00"), "60 80 0003 d1 0e 20") // whole, though not CBOR
	})
}

// bigBlock makes a POST to pstat with block num of 1024 bytes, and says that more
// will come.
func bigBlock(num int, payload string) string {
	return fmt.Sprintf("40 02 %04x"+pstat+"12 2710 d2 02 %04x ff %s", num, num<<4|0xe, payload)
}

func TestBlock1Expires(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want(block1(1, "08", "a3 62'tm'00 62'om'04 63'dos'a1 61's'"), "60 5f 0001")
		time.Sleep(fleet.ExchangeLifetime + time.Second) // in the bubble's time
		p.want(block1(2, "10", "03"), "60 88 0002")
	})
}

// A representation in blocks of 16 bytes is the same as the whole one.
func TestBlock2(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		_, whole, _ := bytes.Cut(p.want("40 01 1000"+pstat, "60 45 1000 c2 2710 ff"), []byte{0xff})
		var parts, etag []byte
		for num := 0; ; num++ {
			got := p.want(fmt.Sprintf("40 01 %04x"+pstat+"c2 %04x", num, num<<4), fmt.Sprintf("60 45 %04x 48", num))
			if num == 0 {
				etag = got[5:13]
			} else if !bytes.Equal(etag, got[5:13]) {
				t.Fatalf("block %d has another ETag: %x", num, got)
			}
			rest := got[13+3:] // after ETag and Content-Format
			if rest[0]>>4 != 11 {
				t.Fatalf("no Block2 in %x", got)
			}
			size := int(rest[0] & 15)
			option := 0
			for _, b := range rest[1 : 1+size] {
				option = option<<8 | int(b)
			}
			if option>>4 != num || option&7 != 0 {
				t.Fatalf("Block2 %#x in answer to block %d", option, num)
			}
			parts = append(parts, rest[1+size+1:]...)
			if option&8 == 0 {
				break
			}
		}
		if !bytes.Equal(parts, whole) {
			t.Errorf("\n got %x\nwant %x", parts, whole)
		}
		p.want("40 01 2000"+pstat+"c2 0fff", "60 80 2000")     // reserved size
		p.want("40 01 2001"+pstat+"c3 00fff0", "60 80 2001")   // past the end
		p.want("40 01 2002"+pstat+"c1 06", "60 45 2002 48")    // larger than the payload
		p.want("40 01 2003"+pstat+"c4 00000006", "60 82 2003") // the option is too long
	})
}

// Notifications keep the block size that the Client asked for.
func TestBlock2Observed(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.want("42 01 0001 0b0e 60"+afterObserve+"c1 00", "62 45 0001 0b0e 48")
		q.want(startV, "60 44 0002")
		if got := p.receive(); len(got) > 50 || !containsText(got, "\x27\x10\xb1\x08\xff") {
			t.Errorf("got %x", got)
		}
	})
}
