package suite

import (
	"runtime"
	"testing"
	"weak"

	"github.com/ocfsim/ocfsim/conformance/target"
)

// TestAResultDoesNotHoldItsRun has the collector take what was recorded of a target whose
// result waits for those of the other targets.
func TestAResultDoesNotHoldItsRun(t *testing.T) {
	rerun, held := func() (func(string) string, weak.Pointer[deck]) {
		r := run{deck: &deck{}, target: target.Config{}}
		r.Rerun = func(target, scenario string) string { return scenario + " of " + target }
		r.target.Profile.Name = "lamp"
		return r.rerun(), weak.Make(r.deck)
	}()
	runtime.GC()
	if held.Value() != nil {
		t.Error("the command that runs a scenario again holds all that was recorded")
	}
	if got := rerun("a"); got != "a of lamp" {
		t.Error(got)
	}
}
