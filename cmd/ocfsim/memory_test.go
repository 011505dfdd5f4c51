package main

import (
	"os"
	"runtime"
	"testing"
)

// What is enough leaves a tenth above what is in use, and does not count twice what is heap.
func TestEnoughIsATenthAboveWhatIsInUse(t *testing.T) {
	const held = 128 << 20
	keep := make([]byte, held)
	for range 2 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	n := enough(inUse())
	runtime.KeepAlive(keep)
	noHeap := int64(m.Sys - m.HeapSys)
	if least, most := int64(held+held/10), int64(m.HeapAlloc)*5/4+2*noHeap+16<<20; n < least || n > most {
		t.Errorf("%d bytes are enough, which is not from %d to %d", n, least, most)
	}
}

// The heap of a large fleet may grow to 48 MiB at once, and then to twice what is in use.
func TestPaceOfALargeFleet(t *testing.T) {
	for _, c := range []struct{ live, goal int64 }{
		{0, unhurried},
		{3 << 20, unhurried},
		{4 << 20, unhurried},
		{16 << 20, unhurried},
		{unhurried / 2, unhurried},
		{unhurried, 2 * unhurried},
		{1 << 30, 2 << 30},
	} {
		pace := int64(paceAt(c.live))
		goal := max(c.live+c.live*pace/100, smallestHeap*pace/100) // as runtime/debug says
		if away := c.goal - goal; away < 0 || away > c.live/100+smallestHeap/100 {
			t.Errorf("with %d bytes in use the heap grows to %d, not to %d", c.live, goal, c.goal)
		}
	}
}

// One processor more is added where Go counts with one, and nowhere else.
func TestAddProcessor(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, c := range []struct {
		environment  string
		before, want int
	}{{"", 1, fewestProcessors}, {"", fewestProcessors + 1, fewestProcessors + 1}, {"1", 1, 1}} {
		if t.Setenv("GOMAXPROCS", c.environment); c.environment == "" {
			_ = os.Unsetenv("GOMAXPROCS")
		}
		runtime.GOMAXPROCS(c.before)
		if addProcessor(); runtime.GOMAXPROCS(0) != c.want {
			t.Errorf("%d processors and GOMAXPROCS=%q became %d, not %d", c.before, c.environment, runtime.GOMAXPROCS(0), c.want)
		}
	}
}
