package lookout

import (
	"testing"
	"unsafe"
)

// TestCellsAreSmall: docs/guide/watching-a-fleet.md says what a Device takes.
func TestCellsAreSmall(t *testing.T) {
	if n := unsafe.Sizeof(cell{}); n != 32 {
		t.Errorf("a cell has %d bytes", n)
	}
}
