package fleet_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/sim/memnet"
)

func TestGet(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		got := p.want("42 01 1234 aabb"+pstat, "62 45 1234 aabb c2 2710 ff")
		t.Logf("%x", got)
	})
}
