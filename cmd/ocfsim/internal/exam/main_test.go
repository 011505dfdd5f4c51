package exam_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the garbage collector run less often: an exam allocates much that it
// soon drops.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
