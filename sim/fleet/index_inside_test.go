package fleet

import (
	"math/rand/v2"
	"testing"
)

// TestNoPartOfAnIndexIsLarge fills an index, of which only one part at a time moves, and empties
// it again. What is in it is found, and nothing else.
func TestNoPartOfAnIndexIsLarge(t *testing.T) {
	const count = 100_000
	rng := rand.New(rand.NewPCG(1, 2))
	var x index
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
	for k := range x.parts {
		if n := len(x.parts[k].places); n > 2*count/len(x.parts) {
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
