package sim

import (
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

// An empty hook lets the answer stand. Bends are asked in order, and each is given
// the answer that the previous one returned.
func TestHooksBendInOrder(t *testing.T) {
	var h hook[int]
	if got := h.decide(nil, 3); got != 3 {
		t.Errorf("an empty hook makes %d of 3", got)
	}
	h.add(func(_ *turn, n int) int { return n + 1 })
	h.add(func(_ *turn, n int) int { return 2 * n })
	if got := h.decide(nil, 3); got != 8 {
		t.Errorf("got %d, want (3+1)*2", got)
	}
}

// The order in which quirks are named makes no difference, and a later merge wins
// over an earlier one for the same knob.
func TestChoice(t *testing.T) {
	pstat := func(lists ...[]string) string {
		var c choice
		for _, names := range lists {
			if err := c.merge(names); err != nil {
				t.Fatal(err)
			}
		}
		m := quick(t)
		m.bent = c.bends()
		d := m.Device(ocf.UUID{1}, 1)
		return string(d.Encode(nil, Rep{Path: ocf.PathPstat, State: d.State()}, nil))
	}
	names := []string{"modes-last", "map-endless", "vendor-property", "pending-absent"}
	backwards := slices.Clone(names)
	slices.Reverse(backwards)
	if pstat(names) != pstat(backwards) {
		t.Errorf("pstat is % x or % x", pstat(names), pstat(backwards))
	}
	if got, want := pstat([]string{"modes-text"}, []string{"modes-float"}), pstat([]string{"modes-float"}); got != want {
		t.Errorf("pstat is % x, want % x", got, want)
	}
	if Compatible([]string{"modes-text", "modes-float"}) || !Compatible(names) {
		t.Error("quirks go together that turn one knob, or those that turn different ones do not")
	}
}
