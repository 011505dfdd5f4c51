package fleet

import (
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
)

// note is a timed that records the order of expiry.
type note struct {
	timer timer
	log   *[]int
	n     int
}

func (n *note) expire(*shard) { *n.log = append(*n.log, n.n) }

// Timers expire in order of time, and those with equal times in the order in which
// they were set. Moved and stopped timers leave nothing behind.
func TestTimers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var ts timers
	var got []int
	notes := make([]note, 1000)
	at := make([]time.Duration, len(notes))
	for i := range notes {
		notes[i] = note{log: &got, n: i}
		at[i] = time.Duration(rng.IntN(50))
		ts.set(&notes[i].timer, time.Duration(rng.IntN(50)), &notes[i])
	}
	var want []int
	for i := range notes {
		ts.set(&notes[i].timer, at[i], &notes[i])
		if i%3 == 0 {
			ts.stop(&notes[i].timer)
			ts.stop(&notes[i].timer)
			continue
		}
		want = append(want, i)
	}
	slices.SortStableFunc(want, func(a, b int) int { return int(at[a] - at[b]) })
	for owner := ts.due(25); owner != nil; owner = ts.due(25) {
		owner.expire(nil)
	}
	if next, ok := ts.next(); !ok || next != 26 {
		t.Errorf("next at %v", next)
	}
	for owner := ts.due(50); owner != nil; owner = ts.due(50) {
		owner.expire(nil)
	}
	if !slices.Equal(got, want) || ts.count != 0 {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// Timers of all distances expire in the same order while others are set and stopped, and at
// the time for which they were set.
func TestTimersFarAndNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var ts timers
	var got []int
	notes := make([]note, 2000)
	at, order := make([]time.Duration, len(notes)), make([]int, len(notes))
	now, turn := time.Duration(0), 0
	for range 30_000 {
		i := rng.IntN(len(notes))
		if rng.IntN(4) == 0 {
			ts.stop(&notes[i].timer)
			at[i] = 0
			continue
		}
		notes[i] = note{log: &got, n: i, timer: notes[i].timer}
		turn++
		at[i], order[i] = now+1+time.Duration(rng.Int64N(1<<rng.IntN(45))), turn
		ts.set(&notes[i].timer, at[i], &notes[i])
		if rng.IntN(3) > 0 {
			continue
		}
		first := -1
		for k := range notes {
			if at[k] > 0 && (first < 0 || at[k] < at[first] || at[k] == at[first] && order[k] < order[first]) {
				first = k
			}
		}
		if next, ok := ts.next(); !ok || next != at[first] {
			t.Fatalf("the next timer is at %v, want %v", next, at[first])
		}
		if ts.due(at[first]-1) != nil {
			t.Fatalf("a timer expires before %v", at[first])
		}
		now = at[first]
		ts.due(now).expire(nil)
		if last := got[len(got)-1]; last != first || ts.base != now {
			t.Fatalf("%d expires at %v, want %d at %v", last, ts.base, first, now)
		}
		at[first] = 0
	}
}

func TestBook(t *testing.T) {
	tests := []struct {
		base  string
		count int
		i     int
		want  string // the address of Device i; an expected error if it begins with "listen"
	}{
		{"127.1.0.1:5683", 1000000, 254, "127.1.0.255:5683"},
		{"127.1.0.1:5683", 1000000, 255, "127.1.1.0:5683"},
		{"127.1.0.1:5683", 1000000, 999999, "127.16.66.64:5683"},
		{"10.255.255.255:5683", 2, 1, "11.0.0.0:5683"},
		{"[2001:db8::ffff]:5683", 2, 1, "[2001:db8::1:0]:5683"},
		{"[2001:db8::1]:5683", 1 << 24, 1<<24 - 1, "[2001:db8::100:0]:5683"},
		{"[::1]:5683", 1, 0, "[::1]:5683"},
		{"127.255.255.250:1", 10, 0, "listen 127.255.255.250:1: 10 devices do not fit into 127.0.0.0/8 from there on"},
		{"127.255.255.250:1", 6, 0, "listen 127.255.255.250:1: the last device would be at the broadcast address 127.255.255.255"},
		{"255.255.255.250:1", 10, 0, "listen 255.255.255.250:1: there are no 10 addresses from there on"},
		{"[2001:db8::ffff:ffff:ffff:ffff]:1", 2, 0, "listen [2001:db8::ffff:ffff:ffff:ffff]:1: there are no 2 addresses from there on"},
		{"[::1]:1", 2, 0, "listen [::1]:1: IPv6 has one loopback address; use a routed prefix, or a port for each of the 2 devices"},
	}
	for _, test := range tests {
		b, err := newBook(netip.MustParseAddrPort(test.base), test.count)
		if err != nil {
			if err.Error() != test.want {
				t.Errorf("%s: %v", test.base, err)
			}
			continue
		}
		at := b.addr(test.i)
		if at.String() != test.want {
			t.Errorf("device %d from %s on is at %v, want %s", test.i, test.base, at, test.want)
		}
		if i, ok := b.find(at); !ok || i != test.i {
			t.Errorf("device at %v is %d, %v", at, i, ok)
		}
		for _, stranger := range []netip.AddrPort{
			netip.AddrPortFrom(b.addr(0).Addr().Prev(), at.Port()),
			netip.AddrPortFrom(b.addr(test.count-1).Addr().Next(), at.Port()),
			netip.AddrPortFrom(at.Addr(), at.Port()+1),
			netip.MustParseAddrPort("[2001:db8:1::1]:5683"),
			netip.MustParseAddrPort("126.0.0.1:5683"),
		} {
			if i, ok := b.find(stranger); ok {
				t.Errorf("%s, %d devices: %v is device %d", test.base, test.count, stranger, i)
			}
		}
	}
}

// equalsCodec checks that decode reads options and payload as go-coap's codec does.
func equalsCodec(t *testing.T, data []byte, fr *frame, err error) {
	t.Helper()
	if len(data) < 4 || data[0]>>6 != 1 || data[0]&15 > 8 || len(data) < 4+int(data[0]&15) || data[1] == 0 && len(data) > 4 {
		return
	}
	rest := data[4+int(data[0]&15):]
	want := make(message.Options, 0, maxOptions)
	n, wrong := want.Unmarshal(rest, nil)
	if (wrong != nil) != (err != nil) {
		t.Fatalf("%x: decode says %v, the codec %v", data, err, wrong)
	}
	if err != nil {
		return
	}
	same := slices.EqualFunc(fr.options, want, func(a, b message.Option) bool { return a.ID == b.ID && string(a.Value) == string(b.Value) })
	if !same || string(fr.payload) != string(rest[n:]) {
		t.Errorf("%x: decode reads %v and %x, the codec %v and %x", data, fr.options, fr.payload, want, rest[n:])
	}
}

// Whatever the bytes are, decode does not panic. It returns either a format error or
// slices that lie within the datagram.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "40011234", "42011234aabbb36f696301ff", "4001123481ff", "400112340100ff", "4f01123400", "40011234e0ffff", "4001303001ff"} {
		b, _ := hex.DecodeString(seed)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fr := frame{options: make(message.Options, 0, maxOptions)}
		err := decode(data, &fr)
		equalsCodec(t, data, &fr, err)
		if err != nil {
			return
		}
		total := 4 + len(fr.token) + len(fr.payload)
		for _, o := range fr.options {
			total += 1 + len(o.Value)
		}
		if total > len(data) {
			t.Errorf("%x decodes to %+v", data, fr)
		}
	})
}
