package lab_test

import (
	"io/fs"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// TestTheFolderOfADeviceIsSmall runs the whole suite against a compliant Device and bounds
// what it leaves, in bytes: 30 % more than it was when this was written, so that what makes
// a run larger is seen.
func TestTheFolderOfADeviceIsSmall(t *testing.T) {
	dir := t.TempDir()
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l := openVirtual(t, specimens[0], secured)
		runOne(t.Context(), t, suite.Config{Targets: l.Targets(), Selection: suite.Selection{Scenarios: catalogue(t)}, Dir: dir})
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	sizes := map[string]int64{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name := d.Name()
		if filepath.Dir(path) != dir {
			name = filepath.Base(filepath.Dir(path))
		}
		sizes[name] += info.Size()
		sizes["all"] += info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(sizes)
	for name, most := range map[string]int64{
		reports.PageFile: 1_010_000, reports.ResultsFile: 1_130_000, "timelines": 775_000, "all": 3_250_000,
	} {
		if got := sizes[name]; got == 0 || got > most {
			t.Errorf("%s: %d bytes, expected at most %d", name, got, most)
		}
	}
}
