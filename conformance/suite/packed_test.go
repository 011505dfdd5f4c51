package suite

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// disk is a file that may be full.
type disk struct {
	bytes.Buffer
	full bool
}

var errFull = errors.New("no space left")

func (d *disk) Write(p []byte) (int, error) {
	if d.full {
		return 0, errFull
	}
	return d.Buffer.Write(p)
}

func (d *disk) Close() error { return nil }

// TestWhatIsRecordedIsOnDiskSoon reads what a killed program leaves: all that is older than
// readableAfter, though nothing was closed.
func TestWhatIsRecordedIsOnDiskSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, l := &disk{}, &packers{}
		w := l.pack(file)
		rec := conformance.NewRecorder(conformance.Header{Scenario: "a"}, w)
		rec.Append(conformance.Observation{Kind: conformance.Note, Text: "first"})
		<-time.After(readableAfter + 1)
		rec.Append(conformance.Observation{Kind: conformance.Note, Text: "second"})
		tl, err := conformance.ReadTimeline("a", bytes.NewReader(file.Bytes()))
		if !errors.Is(err, conformance.ErrTruncated) || len(tl.Observations) != 1 {
			t.Errorf("a killed run leaves %d observations: %v", len(tl.Observations), err)
		}
		if err := w.Close(); err != nil || rec.Err() != nil {
			t.Fatal(err, rec.Err())
		}
		if tl, err = conformance.ReadTimeline("a", bytes.NewReader(file.Bytes())); err != nil || len(tl.Observations) != 2 {
			t.Errorf("a closed timeline has %d observations: %v", len(tl.Observations), err)
		}
	})
}

// TestTheSumIsOfTheFile holds the sum of a timeline to what sha256sum finds.
func TestTheSumIsOfTheFile(t *testing.T) {
	l, dir := &ledger{}, t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	w := (&packers{}).pack(l.watch(f, "a"))
	conformance.NewRecorder(conformance.Header{Scenario: "a"}, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sums(l.sums).check(dir, "a"); err != nil {
		t.Error(err)
	}
}

// TestPackersTakeTurns holds a run to one packer where its timelines come one after the other.
func TestPackersTakeTurns(t *testing.T) {
	l := &packers{}
	var first *flate.Writer
	for _, text := range []string{"one", "two"} {
		file := &disk{}
		p := l.pack(file).(*packed)
		if _, err := io.WriteString(p, text); err != nil || len(l.idle) > 0 && first == nil {
			t.Fatal("a short timeline takes a packer before it ends", err)
		}
		if err := p.Close(); err != nil || len(l.idle) != 1 {
			t.Fatal(err, "packers:", len(l.idle))
		}
		if first == nil {
			first = l.idle[0]
		} else if l.idle[0] != first {
			t.Error("the second timeline has a packer of its own")
		}
		if _, err := p.Write(nil); err == nil || p.Close() == nil {
			t.Error("a closed timeline takes more, or closes again")
		}
		z, err := gzip.NewReader(&file.Buffer)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != text {
			t.Errorf("unpacked %q, %v", got, err)
		}
	}
}

// TestAFullDiskIsTold fills the disk before the flush: the Recorder says so at the next
// Observation, and closing does.
func TestAFullDiskIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, l := &disk{full: true}, &packers{}
		w := l.pack(file)
		rec := conformance.NewRecorder(conformance.Header{Scenario: "a"}, w)
		<-time.After(readableAfter + 1)
		rec.Append(conformance.Observation{Kind: conformance.Note})
		if !errors.Is(rec.Err(), errFull) {
			t.Errorf("the Recorder says %v", rec.Err())
		}
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("closing says %v", err)
		}
	})
}
