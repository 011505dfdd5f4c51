package lab_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// TestTheFolderOfADeviceIsSmall runs the whole suite against a compliant Device, alone and as
// one of many, and bounds what it leaves, in bytes, and how many allocations it makes, which
// is where the time of a run goes: 30 % more than it was when this was written, so that what
// makes a run larger or dearer is seen. What is left can be judged again.
func TestTheFolderOfADeviceIsSmall(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		others int
		most   map[string]int64
		allocs uint64
	}{
		{0, map[string]int64{reports.PageFile: 1_010_000, reports.ResultsFile: 1_130_000, "timelines": 775_000, "all": 3_250_000}, 3_850_000},
		{16, map[string]int64{reports.PageFile: 315_000, reports.ResultsFile: 425_000, "timelines": 307_000, "all": 1_175_000}, 2_590_000},
	} {
		dir := t.TempDir()
		var results []suite.Result
		synctest.Test(t, func(t *testing.T) {
			l := openVirtual(t, specimens[0], secured)
			cfg := suite.Config{Targets: l.Targets(), Selection: suite.Selection{Scenarios: catalogue(t)}, Dir: dir}
			cfg.Redraw = func(dir string) string { return "draw " + dir }
			cfg.Plain = c.others > 0 // as `ocfsim test --all` does
			for n := range c.others {
				cfg.Targets = append(cfg.Targets, absent(n))
			}
			var err error
			before := allocations()
			if results, err = suite.Run(t.Context(), cfg); err != nil {
				t.Error(err)
			}
			if n := allocations() - before; n > c.allocs {
				t.Errorf("beside %d others, %d allocations, expected at most %d", c.others, n, c.allocs)
			} else {
				t.Logf("%d allocations", n)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
		if c.others > 0 {
			dir = filepath.Join(dir, "success")
			if n := held(&results); n > heldAtMost {
				t.Errorf("a run against %d targets remembers %d bytes of them, expected at most %d", 1+c.others, n, heldAtMost)
			} else {
				t.Logf("remembered: %d bytes", n)
			}
		}
		sizes := sizesIn(t, dir)
		t.Log(sizes)
		for name, most := range c.most {
			if got := sizes[name]; got == 0 || got > most {
				t.Errorf("beside %d others, %s: %d bytes, expected at most %d", c.others, name, got, most)
			}
		}
		again, err := suite.Rejudge(dir, suite.Judging{})
		if err != nil || again[0].Report.Verdict != conformance.Pass || len(again[0].Changes) > 0 {
			t.Errorf("judged again: %v, %v", again, err)
		}
	}
}

// allocations is how many there were in this process.
func allocations() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// held is how much memory the results hold. They are gone then.
func held(results *[]suite.Result) int {
	var with, without runtime.MemStats
	for range 3 { // what a pool holds lasts for two, and what other tests have left
		runtime.GC()
	}
	runtime.ReadMemStats(&with)
	runtime.KeepAlive(*results)
	*results = nil
	runtime.GC()
	runtime.ReadMemStats(&without)
	return int(with.HeapAlloc) - int(without.HeapAlloc)
}

// absent is a target that nobody can reach.
func absent(n int) target.Config {
	return target.Config{
		Profile: conformance.Profile{Name: fmt.Sprintf("absent %d", n), Endpoint: fmt.Sprintf("coap://absent-%d:5683", n)},
		Dial:    func(context.Context, string) (net.Conn, error) { return nil, errors.New("no route") },
	}
}

// sizesIn are the sizes of the files in dir, and of each folder in it, by name.
func sizesIn(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	sizes := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
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
	return sizes
}
