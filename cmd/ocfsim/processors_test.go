package main

import (
	"runtime"
	"testing"
)

// TestTwoProcessors has one processor, three, and one that the environment asks for.
func TestTwoProcessors(t *testing.T) {
	usual := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(usual)
	for _, c := range []struct {
		asked    string
		has, get int
	}{{"", 1, 2}, {"", 3, 3}, {"1", 1, 1}} {
		t.Setenv("GOMAXPROCS", c.asked)
		runtime.GOMAXPROCS(c.has)
		twoProcessors()
		if got := runtime.GOMAXPROCS(0); got != c.get {
			t.Errorf("%d processors and GOMAXPROCS=%q: got %d, want %d", c.has, c.asked, got, c.get)
		}
	}
}
