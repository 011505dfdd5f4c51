package reports

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// TestFullDisk writes to the device that is always full.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := acme()
	if err := HTML(full, s.report, s.timeline, rerun); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("HTML: %v", err)
	}
	if err := JSON(full, s.report); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("JSON: %v", err)
	}
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
}
