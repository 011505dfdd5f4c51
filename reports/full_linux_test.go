package reports

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// TestFullDisk writes to /dev/full, the device that is always full.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := acme()
	for name, write := range everyWriter(Entry{Report: s.report, Timelines: s.timeline, Rerun: rerun}) {
		if err := write(full); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
}
