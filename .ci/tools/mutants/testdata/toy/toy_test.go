package toy

import (
	"sync"
	"testing"
)

func TestJudge(t *testing.T) {
	for n, want := range map[int]Grade{0: Bad, 9: Bad, 10: Good, 11: Good} {
		if got := Judge(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestSum(t *testing.T) {
	if Sum([]int{5}) != 5 {
		t.Error("not 5")
	}
}

func TestWait(t *testing.T) { Wait(3) }

func TestCut(t *testing.T) {
	if Cut("ab", 2) != "ab" {
		t.Error("cut")
	}
}

func TestFirst(t *testing.T) {
	if _, ok := First(nil); ok {
		t.Error("first of nothing")
	}
	if n, ok := First([]int{7, 8}); n != 7 || !ok {
		t.Error("not the first")
	}
}

func TestLimited(t *testing.T) {
	if Limited(3) || !Limited(4) {
		t.Error("limit")
	}
}

func TestStep(t *testing.T) {
	if Step(2) != 4 {
		t.Error("step")
	}
}

var slow = sync.OnceValue(Slow)

func TestMore(t *testing.T) {
	if slow() != 7 || !More(5) {
		t.Error("more")
	}
}
