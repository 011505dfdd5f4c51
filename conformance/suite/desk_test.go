package suite

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance/target"
)

// TestDesks has half of the desks taken, rounded up to one, until they are opened.
func TestDesks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesks()
		sitting := 0
		for range runtime.GOMAXPROCS(0) {
			go func() {
				d.sit()
				sitting++
			}()
			synctest.Wait()
		}
		if want := max(1, runtime.GOMAXPROCS(0)/2); sitting != want {
			t.Errorf("%d desks are taken, want %d", sitting, want)
		}
		d.open()
		synctest.Wait()
		if want := runtime.GOMAXPROCS(0); sitting != want {
			t.Errorf("%d desks are taken in the end, want %d", sitting, want)
		}
	})
}

// TestABusyMachineWritesUpFirst has a target that is written up count as one that is tested, while
// the machine has no time for more.
func TestABusyMachineWritesUpFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newPlaces(2, &pace{}) // which knows nothing yet
		leave, clear := all.take()
		all.take()
		begun := false
		go func() {
			all.take()
			begun = true
		}()
		leave()
		<-time.After(time.Minute)
		synctest.Wait()
		if begun {
			t.Error("another target begins while the one before is written up")
		}
		clear()
		synctest.Wait()
		if !begun {
			t.Error("no other target begins after that")
		}
	})
}

// TestAPlaceIsGivenOn has runs take a second each at their Devices and ten at their desks: the
// next run begins when the Devices of the one before have done their part, but not while
// too much of what was recorded is in memory.
func TestAPlaceIsGivenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, all = 4, 10
		c := Config{Parallel: places, Targets: make([]target.Config, all)}
		runs := make([]run, all)
		for i := range runs {
			runs[i].desks = newDesks()
		}
		began := time.Now()
		var at [all]time.Duration
		c.tested(runs, func(i int) {
			at[i] = time.Since(began)
			<-time.After(time.Second)
			runs[i].leave()
			<-time.After(10 * time.Second)
		})
		for i, want := range []time.Duration{0, 0, 0, 0, 1, 11, 11, 11, 11, 12} {
			if at[i] != want*time.Second {
				t.Errorf("run %d begins after %v, want %v", i, at[i], want*time.Second)
			}
		}
	})
}
