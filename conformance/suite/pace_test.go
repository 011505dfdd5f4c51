package suite

import (
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance/target"
)

// TestPlacesGrowWhileTheMachineIsCalm takes places as fast as they are to be had.
func TestPlacesGrowWhileTheMachineIsCalm(t *testing.T) {
	for name, c := range map[string]struct {
		late time.Duration
		want int // places
	}{
		"nobody is late":      {0, 12},
		"everybody is late":   {calmLate + 1, 4},
		"as late as may be":   {calmLate, 12},
		"one in five is late": {-1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pace{}
				over := make(chan struct{})
				defer close(over)
				go func() {
					for i := 0; ; i++ {
						select {
						case <-over:
							return
						case <-time.After(paceTick):
						}
						late := c.late
						if late < 0 && i%5 == 0 {
							late = time.Second
						}
						p.tick(late)
					}
				}()
				all := newPlaces(4, p)
				var leave []func()
				for range c.want {
					drives, holds := all.take()
					leave = append(leave, func() {
						drives()
						holds()
					})
				}
				taken := false
				go func() {
					all.take()
					taken = true
				}()
				<-time.After(10 * paceTick * paceTicks)
				synctest.Wait()
				if taken {
					t.Errorf("there are more than %d places", c.want)
				}
				leave[c.want-1]()
				<-time.After(2 * paceTick * paceTicks)
				synctest.Wait()
				if !taken {
					t.Error("the place that was left is not given to the next")
				}
			})
		})
	}
}

// TestTargetsBeginOneAfterAnother has those that begin because the machine is calm felt before
// the next one does.
func TestTargetsBeginOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{}
		for range paceTicks {
			p.tick(0)
		}
		all := newPlaces(1, p)
		var began []time.Duration
		for start := time.Now(); len(began) < all.many; {
			all.take()
			began = append(began, time.Since(start))
		}
		if want := []time.Duration{0, paceBegins, 2 * paceBegins}; !slices.Equal(began, want) {
			t.Errorf("targets began after %v, want %v", began, want)
		}
	})
}

// TestPaceKnowsNothingAtFirst lets no more targets begin before the machine was looked at
// for half a second.
func TestPaceKnowsNothingAtFirst(t *testing.T) {
	p := &pace{}
	for n := range 2 * paceTicks {
		if got, want := p.calm(), n >= paceTicks; got != want {
			t.Fatalf("after %d ticks calm is %v", n, got)
		}
		p.tick(0)
	}
}

// TestTargetsAtATime has fewer targets at a time where more Devices share each.
func TestTargetsAtATime(t *testing.T) {
	for copies, each := range map[int]int{0: 8, 2: 8, 5: 4, 11: 2} { // each: for each processor
		c := Config{Copies: [][]target.Config{nil, make([]target.Config, copies)}}
		if got, want := c.atATime(), each*runtime.GOMAXPROCS(0); got != want {
			t.Errorf("with %d copies, %d targets at a time, want %d", copies, got, want)
		}
	}
	if got := (Config{Copies: [][]target.Config{make([]target.Config, 100*runtime.GOMAXPROCS(0))}}).atATime(); got != 1 {
		t.Errorf("with very many copies, %d targets at a time, want 1", got)
	}
}

// TestTheSlowestBegins has the target begin first that declares the longest times, unless all
// begin at once or somebody says how many do.
func TestTheSlowestBegins(t *testing.T) {
	many := make([]target.Config, Parallel()+2)
	many[3].Profile.Timing.Update, many[5].Profile.Timing.Validation = time.Minute, time.Hour
	for name, c := range map[string]struct {
		cfg  Config
		want []int // who begins first
	}{
		"more than begin at once":  {Config{Targets: many}, []int{5, 3, 0, 1, 2, 4, 6}},
		"so many as somebody says": {Config{Targets: many, Parallel: 2}, []int{0, 1, 2, 3, 4, 5, 6}},
		"all at once":              {Config{Targets: many[:7]}, []int{0, 1, 2, 3, 4, 5, 6}},
	} {
		if got := c.cfg.order(); !slices.Equal(got[:7], c.want) || len(got) != len(c.cfg.Targets) {
			t.Errorf("%s: %v, want %v and the others", name, got, c.want)
		}
	}
}
