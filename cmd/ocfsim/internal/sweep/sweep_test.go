package sweep_test

import (
	"os"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/sweep"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// TestMain lets the garbage collector run less often: each run leaves garbage, all at
// its end.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

func newSweep(t *testing.T) *sweep.Sweep { return newSweepOf(t, edition.First()) }

func newSweepOf(t *testing.T, e *edition.Edition) *sweep.Sweep {
	t.Helper()
	s, err := sweep.New(e)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// count adds up what the parallel parts of a test have done.
type count struct {
	mu           sync.Mutex
	writes, cuts int
}

func (c *count) add(t *testing.T, r sweep.Result, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	for _, b := range r.Broken {
		t.Error(b)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes, c.cuts = c.writes+r.Writes, c.cuts+r.Cuts
}

func (c *count) report(t *testing.T) {
	t.Helper()
	if c.cuts < c.writes || c.writes == 0 {
		t.Errorf("%d power cuts for %d durable writes", c.cuts, c.writes)
	}
	t.Logf("%d durable writes, %d power cuts", c.writes, c.cuts)
}

// TestEveryDeviceSurvivesPowerCuts cuts the power at every durable write of every
// compliant behaviour and variant; a new one is swept as soon as its file is there.
func TestEveryDeviceSurvivesPowerCuts(t *testing.T) {
	s := newSweep(t)
	var all count
	t.Run("of", func(t *testing.T) {
		for i, specimen := range specimens(t) {
			if i%(1+spared) > 0 {
				continue
			}
			t.Run(specimen.Name, func(t *testing.T) {
				t.Parallel()
				r, err := s.Device(specimen, nil)
				all.add(t, r, err)
			})
		}
	})
	all.report(t)
}

// TestDevicesOfLaterEditionsSurvivePowerCuts does the same by each edition after the first,
// with the Devices that show what it adds.
func TestDevicesOfLaterEditionsSurvivePowerCuts(t *testing.T) {
	for _, e := range edition.All() {
		if e == edition.First() {
			continue
		}
		s, all := newSweepOf(t, e), specimensOf(t, e)
		var did count
		t.Run(e.ID, func(t *testing.T) {
			for _, name := range []string{"success", "failure", "reboot-success", "scheduled"} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					r, err := s.Device(named(t, all, name), nil)
					did.add(t, r, err)
				})
			}
		})
		did.report(t)
	}
}

// TestASecuredDeviceSurvivesPowerCuts cuts the power at every durable write from the
// transfer of ownership to the reset that gives the Device back.
func TestASecuredDeviceSurvivesPowerCuts(t *testing.T) {
	s := newSweep(t)
	var all count
	t.Run("by", func(t *testing.T) {
		for i, method := range []target.Method{target.RandomPIN, target.JustWorks, target.ManufacturerCertificate} {
			if i%(1+spared) > 0 {
				continue
			}
			t.Run(string(method), func(t *testing.T) {
				t.Parallel()
				r, err := s.Secured(success(t, method), nil)
				all.add(t, r, err)
			})
		}
	})
	t.Logf("%d durable writes, %d power cuts", all.writes, all.cuts)
}

// success is a Device with the behaviour success.
func success(t *testing.T, method target.Method) lab.Specimen {
	t.Helper()
	list, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	list[0].Own = method
	return list[0]
}

// specimens are the Devices that are swept.
func specimens(t *testing.T) []lab.Specimen { return specimensOf(t, edition.First()) }

func specimensOf(t *testing.T, e *edition.Edition) []lab.Specimen {
	t.Helper()
	all, err := sweep.Specimens(e)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// named is the one of this name.
func named(t *testing.T, all []lab.Specimen, name string) lab.Specimen {
	t.Helper()
	for _, s := range all {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the sweep leaves out %s", name)
	return lab.Specimen{}
}
