package fleet

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// model is what dedup has to do, without any thrift: it remembers every request for its
// lifetime.
type model map[exchangeKey]modelled

type modelled struct {
	expires time.Duration
	answer  string
}

// drawn draws one of some keys, so that many come again.
func drawn(rng *rand.Rand, secured bool) exchangeKey {
	key := exchangeKey{
		peer: netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(5))}).As16(), port: uint16(rng.IntN(2)),
		mid: uint16(rng.IntN(40)), device: int32(rng.IntN(4)) - 1, boot: uint16(rng.IntN(2)),
	}
	if secured {
		key = exchangeKey{via: 1 + uint32(rng.IntN(3)), mid: key.mid, device: key.device, boot: key.boot}
	}
	return key
}

// drawnAnswer draws an answer to a request with that message id: mostly a message with
// its id, sometimes one of another id, sometimes no message at all.
func drawnAnswer(rng *rand.Rand, mid uint16) []byte {
	if rng.IntN(10) == 0 {
		return []byte{0x6f, 0x44, byte(mid >> 8), byte(mid), 1, 2}[:1+rng.IntN(6)]
	}
	length := rng.IntN(9)
	answer := []byte{0x60 | byte(length), 0x45, byte(mid >> 8), byte(mid)}
	if rng.IntN(10) == 0 {
		answer[3]++
	}
	for range length {
		answer = append(answer, byte(rng.Uint32()))
	}
	return append(answer, fmt.Sprintf("\xffpayload %d", rng.IntN(30))...)
}

// With enough room nothing is forgotten too early or too late, and every answer is
// repeated byte for byte.
func TestDedupRemembersExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d, want := newExchanges(1<<30), model{}
	now := time.Duration(0)
	for step := range 60_000 {
		now += time.Duration(rng.Int64N(int64(exchangeLifetime) / 500))
		key := drawn(rng, step%3 == 0)
		known, e := want[key], d.of(&key).find(&key, now)
		if (e != 0) != (known.expires > now) {
			t.Fatalf("step %d: found %v, which is remembered until %v, at %v", step, e, known.expires, now)
		}
		if e != 0 {
			if got := d.of(&key).answer(nil, e); string(got) != known.answer {
				t.Fatalf("step %d: answer %x, want %x", step, got, known.answer)
			}
			continue
		}
		e, seen, forgotten := d.of(&key).meet(&key, now)
		if seen {
			t.Fatalf("step %d: it was seen, though it was not found", step)
		}
		made := modelled{expires: now + exchangeLifetime}
		for range rng.IntN(3) {
			answer := drawnAnswer(rng, key.mid)
			made.answer = string(answer)
			forgotten += d.of(&key).keep(e, answer, now)
		}
		if want[key] = made; forgotten != 0 {
			t.Fatalf("step %d: %d forgotten", step, forgotten)
		}
		if step%1000 == 0 {
			d.sweep(now)
			if live := len(want.live(now)); live != d.len() {
				t.Fatalf("step %d: %d are remembered, want %d", step, d.len(), live)
			}
		}
	}
	d.sweep(now + exchangeLifetime)
	if d.len() != 0 || d.plain.bytes() != 0 || d.plain.pages != nil {
		t.Errorf("%d are remembered in %d bytes when all is over", d.len(), d.plain.bytes())
	}
}

// live returns what is remembered at a time.
func (m model) live(now time.Duration) model {
	for key, one := range m {
		if one.expires <= now {
			delete(m, key)
		}
	}
	return m
}

// However many requests come, they take no more than their bytes, and whatever is missing
// was counted.
func TestDedupKeepsItsBudget(t *testing.T) {
	const limit = 64 << 10
	rng := rand.New(rand.NewPCG(5, 6))
	d := newDedup(limit)
	now, forgotten, remembered := time.Duration(0), 0, 0
	for n := range 50_000 {
		now += time.Millisecond
		key := exchangeKey{peer: [16]byte{byte(rng.IntN(200))}, mid: uint16(n), device: int32(n)}
		e, _, more := d.meet(&key, now)
		remembered++
		forgotten += more + d.keep(e, drawnAnswer(rng, key.mid), now)
		if d.bytes() > limit {
			t.Fatalf("request %d: %d bytes", n, d.bytes())
		}
		if d.find(&key, now) != e {
			t.Fatalf("request %d is not remembered", n)
		}
		if d.used != remembered-forgotten {
			t.Fatalf("request %d: %d are remembered, though %d of %d were forgotten", n, d.used, forgotten, remembered)
		}
	}
	if forgotten == 0 {
		t.Error("nothing was forgotten")
	}
}

// Whoever floods a fleet makes it forget the flood, and nothing of those who sent less.
func TestDedupForgetsTheFlood(t *testing.T) {
	d := newDedup(1000 * rememberedSize)
	key := func(peer byte, n int) *exchangeKey {
		return &exchangeKey{peer: [16]byte{peer}, mid: uint16(n), device: int32(n), port: uint16(n)}
	}
	for peer := range byte(20) {
		for n := range 10 {
			d.meet(key(peer, n), time.Second)
		}
	}
	for n := range 100_000 {
		d.meet(key(99, n), time.Second)
	}
	for peer := range byte(20) {
		for n := range 10 {
			if d.find(key(peer, n), 2*time.Second) == 0 {
				t.Fatalf("request %d of peer %d is forgotten", n, peer)
			}
		}
	}
	if d.find(key(99, 99_999), 2*time.Second) == 0 || d.find(key(99, 0), 2*time.Second) != 0 {
		t.Error("the flood has not lost its oldest request, or its newest")
	}
}

// However many requests come without a session, one that came over a session is
// remembered.
func TestRequestsOfSessionsAreNotForgotten(t *testing.T) {
	e := newExchanges(4096)
	secured := exchangeKey{mid: 1, via: 7}
	e.of(&secured).meet(&secured, 0)
	for mid := range uint16(1000) {
		plain := exchangeKey{mid: mid}
		e.of(&plain).meet(&plain, 0)
	}
	if e.of(&secured).find(&secured, time.Second) == 0 {
		t.Error("it was forgotten")
	}
}

// Askers that have one place in askers.near are told apart, and one that is forgotten, or the
// zero key that its place then has, is nobody.
func TestAskersWithOnePlaceNearAreToldApart(t *testing.T) {
	var one, two askerKey
	for one.via = 1; ; two.via++ {
		if two.via > one.via && two.place() == one.place() {
			break
		}
	}
	var as askers
	numbers := map[askerKey]uint32{one: as.meet(one), two: as.meet(two)}
	for _, n := range numbers {
		as.count(n, 1)
	}
	for range 2 {
		for key, n := range numbers {
			if got := as.find(key); got != n {
				t.Fatalf("asker %v has number %d, not %d", key, got, n)
			}
		}
	}
	as.find(two)
	as.count(numbers[two], -1)
	if got := as.find(two); got != 0 {
		t.Errorf("an asker that is forgotten has number %d", got)
	}
	if got := as.find(askerKey{}); got != 0 {
		t.Errorf("the zero key has number %d", got)
	}
	if got := as.find(one); got != numbers[one] {
		t.Errorf("the other one has number %d, not %d", got, numbers[one])
	}
}
