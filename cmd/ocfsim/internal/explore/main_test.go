package explore

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the garbage collector wait: a walk makes much that is soon
// forgotten.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
