//go:build !race

package exam_test

import (
	"runtime"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// most is how many allocations all scenarios against one Device may take in virtual time,
// by candidate. It is what was measured, and 30 % more. An exam spends its time with them,
// and unlike time they are the same on every machine.
func most() map[string]uint64 {
	return map[string]uint64{"success": 546_000, "session-checks": 2_010_000}
}

// TestAnExamIsCheap guards what an exam costs. What makes it dearer on purpose says so
// here; docs/adr/0092 says what was costly.
func TestAnExamIsCheap(t *testing.T) {
	for name, most := range most() {
		candidates, err := exam.Candidates(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg := exam.Config{Candidates: candidates, Selection: suite.Selection{Scenarios: scenarios(t)}}
		before := allocations()
		outcomes, err := exam.Run(t.Context(), cfg)
		if err != nil || !outcomes[0].Right() {
			t.Fatalf("%s: %v, %+v", name, err, outcomes)
		}
		if n := allocations() - before; n > most {
			t.Errorf("%s: %d allocations, at most %d", name, n, most)
		} else {
			t.Logf("%s: %d allocations, at most %d", name, n, most)
		}
	}
}

// allocations is how many there were in this process.
func allocations() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
