package fleet

import (
	"math/rand/v2"
	"testing"
)

// TestNoPartOfAnIndexIsLarge fills an index, of which only one part at a time moves, and empties
// it again, whether or not it was known how much there would be. What is in it is found, and
// nothing else.
func TestNoPartOfAnIndexIsLarge(t *testing.T) {
	const count = 100_000
	for name, x := range map[string]*index{"unknown": {}, "known": {full: fullWith(count)}} {
		t.Run(name, func(t *testing.T) { fillAndEmpty(t, x, count) })
	}
}

func fillAndEmpty(t *testing.T, x *index, count int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	tags := make([]uint32, count+1)
	for e := 1; e <= count; e++ {
		tags[e] = rng.Uint32()
		x.add(tags[e], exchange(e))
	}
	has := func(e int) bool {
		p := x.of(tags[e])
		for i := p.first(tags[e]); p.places[i].exchange != 0; i = p.after(i) {
			if p.places[i] == (indexed{tags[e], exchange(e)}) {
				return true
			}
		}
		return false
	}
	most := 2 * count / len(x.parts)
	if x.full > 0 {
		most = x.full
	}
	for k := range x.parts {
		if n := len(x.parts[k].places); n > most {
			t.Errorf("part %d has %d places", k, n)
		}
	}
	for e := 2; e <= count; e += 2 {
		x.remove(tags[e], exchange(e))
	}
	for e := 1; e <= count; e++ {
		if has(e) != (e%2 == 1) {
			t.Fatalf("%d is found: %v", e, has(e))
		}
	}
}

// An index of which it is known how much there will be moves less than it holds in the end, and
// one that gets more than that goes on growing.
func TestAnIndexThatIsToBeFullMovesLittle(t *testing.T) {
	for _, entries := range []int{1, 100, 10_000, 2_000_000} {
		full, moved, n := fullWith(entries), 0, 0
		for n < full {
			moved += n
			n = grown(n, full)
		}
		if n != full || moved > full {
			t.Errorf("%d entries: %d of %d places, %d of them moved", entries, n, full, moved)
		}
		if more := grown(full, full); more < full+group || more > full+full/4+group || more%group != 0 {
			t.Errorf("%d entries: %d places after %d", entries, more, full)
		}
	}
}
