package lookout_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// ends writes down how processes end.
type ends struct{ all []string }

func (e *ends) Takes() lookout.KindSet { return 1<<lookout.ProcessBegan | 1<<lookout.ProcessEnded }

func (e *ends) Take(h *lookout.Happening) {
	e.all = append(e.all, strings.TrimSpace(fmt.Sprintf("%v %v %v %v %s", h.Kind, h.Process, h.Result, h.Took, h.Why)))
}

// TestHowProcessesEnd follows one Device through what a Standing can show.
func TestHowProcessesEnd(t *testing.T) {
	idle := sim.Standing{DOS: ocf.RFNOP, Owned: true}
	runs := func(p, waits ocf.DPM, asked uint16) sim.Standing {
		s := idle
		s.Running, s.Waiting, s.TM, s.Asked = p, waits, p|waits, asked
		return s
	}
	done := func(cm ocf.DPM, asked uint16, why ocf.UpdateResult) sim.Standing {
		s := idle
		s.CM, s.Asked, s.Ending = cm, asked, why
		return s
	}
	for name, c := range map[string]struct {
		stands []sim.Standing // a second apart
		want   []string
	}{
		"a check": {
			[]sim.Standing{runs(ocf.SVV, 0, 1), done(ocf.SVV, 1, 0)},
			[]string{"process-began validation none 0s", "process-ended validation available 1s"},
		},
		"a check that finds nothing": {
			[]sim.Standing{runs(ocf.NSA, 0, 1), done(0, 1, ocf.ResultNoConnection)},
			[]string{"process-began availability none 0s", "process-ended availability nothing-newer 1s no-connection"},
		},
		"an update that asks twice": {
			[]sim.Standing{runs(ocf.SSU, 0, 1), runs(ocf.SSU, 0, 2), done(ocf.SSU, 2, 0)},
			[]string{"process-began update none 0s", "process-ended update updated 2s"},
		},
		"an update that has no room": {
			[]sim.Standing{runs(ocf.SSU, 0, 2), done(0, 2, ocf.ResultNoFlash)},
			[]string{"process-began update none 0s", "process-ended update not-updated 1s no-flash"},
		},
		"one after the other": {
			[]sim.Standing{runs(ocf.SVV, ocf.SSU, 1), runs(ocf.SSU, 0, 2), done(ocf.SSU, 2, 0)},
			[]string{"process-began validation none 0s", "process-ended validation nothing-newer 1s", "process-began update none 0s", "process-ended update updated 1s"},
		},
		"both aborted": {
			[]sim.Standing{runs(ocf.SVV, ocf.SSU, 1), done(0, 2, 0)},
			[]string{"process-began validation none 0s", "process-ended validation aborted 1s", "process-ended update aborted 0s"},
		},
		"aborted for another": {
			[]sim.Standing{runs(ocf.SSU, 0, 1), runs(ocf.SVV, 0, 3)},
			[]string{"process-began update none 0s", "process-ended update aborted 1s", "process-began validation none 0s"},
		},
		"restarted": {
			[]sim.Standing{runs(ocf.SSU, 0, 1), func() sim.Standing { s := runs(ocf.SSU, 0, 2); s.Down = true; return s }(), runs(ocf.SSU, 0, 3), done(ocf.SSU, 3, 0)},
			[]string{"process-began update none 0s", "process-ended update updated 3s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := &ends{}
			b := lookout.NewBoard(1, e)
			b.Stands(0, 0, idle)
			for i, s := range c.stands {
				b.Stands(0, time.Duration(i+1)*time.Second, s)
			}
			if got := strings.Join(e.all, "\n"); got != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestStartsInTheMidst: a Device that brings a process along from an earlier run is counted
// as it is, and Devices like it or unlike it as they are.
func TestStartsInTheMidst(t *testing.T) {
	b := lookout.NewBoard(300)
	idle := sim.Standing{DOS: ocf.RFNOP, Owned: true}
	busy := idle
	busy.Running, busy.TM = ocf.SSU, ocf.SSU
	for i := range 300 {
		if i%3 == 0 {
			b.Stands(i, 0, busy)
			continue
		}
		b.Stands(i, 0, idle)
	}
	c := b.Counts()
	if c.States[lookout.Updating] != 100 || c.States[lookout.InRFNOP] != 200 || c.Owned != 300 || c.Began[lookout.Update] != 100 {
		t.Errorf("%+v", c)
	}
	if r := b.RunningLongest(5 * time.Second); len(r) != 10 || r[0].Value != int64(5*time.Second) {
		t.Errorf("running: %v", r)
	}
	b.Stands(299, time.Second, busy)
	b.Stands(299, 3*time.Second, idle)
	if c = b.Counts(); c.States[lookout.InRFNOP] != 200 || c.Ended[lookout.Update][lookout.NotUpdated] != 1 {
		t.Errorf("%+v", c)
	}
}

// TestDurations: percentiles are those of the values, and the bars hold each value once.
func TestDurations(t *testing.T) {
	const devices = 1000
	b := lookout.NewBoard(devices)
	idle, busy := sim.Standing{DOS: ocf.RFNOP}, sim.Standing{DOS: ocf.RFNOP, Running: ocf.SSU}
	for i := range devices {
		b.Stands(i, 0, idle)
		b.Stands(i, 0, busy)
	}
	done := idle
	done.CM = ocf.SSU
	for i := range devices {
		b.Stands(i, time.Duration(i+1)*time.Millisecond, done)
	}
	d := b.Took()
	for _, c := range []struct{ got, want time.Duration }{
		{d.Min, time.Millisecond},
		{d.P50, 500 * time.Millisecond},
		{d.P90, 900 * time.Millisecond},
		{d.P99, 990 * time.Millisecond},
		{d.P999, 999 * time.Millisecond},
		{d.Max, time.Second},
	} {
		if off := c.got - c.want; off.Abs() > c.want/1000 {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	var sum int64
	for _, bar := range d.Bars {
		sum += bar.Count
	}
	if d.Count != devices || sum != devices || len(d.Bars) > 12 {
		t.Errorf("%d values, %d of them in %d bars", d.Count, sum, len(d.Bars))
	}
	if s := b.Slowest(); len(s) != 10 || s[0].Device != 999 || s[9].Device != 990 {
		t.Errorf("slowest: %v", s)
	}
	if none := lookout.NewBoard(1).Took(); none.Count != 0 || none.Bars != nil {
		t.Errorf("no values: %+v", none)
	}
}

// TestMostRefused: a Device stands in the ranking once, by all that it has refused.
func TestMostRefused(t *testing.T) {
	b := lookout.NewBoard(20)
	for i := range 20 {
		b.Stands(i, 0, sim.Standing{DOS: ocf.RFNOP})
		for range i {
			b.Asked(fleet.Asked{Device: i, Method: 2, Code: 0x80})
		}
	}
	got := fmt.Sprint(b.MostRefused())
	if want := "[{19 19} {18 18} {17 17} {16 16} {15 15} {14 14} {13 13} {12 12} {11 11} {10 10}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c := b.Counts(); c.Refused != 190 || c.Accepted != 0 {
		t.Errorf("%+v", c)
	}
}

// TestHistoryIsBounded: a Device has its last entries, and the first Device is forgotten
// where there are too many.
func TestHistoryIsBounded(t *testing.T) {
	h := lookout.NewHistory(lookout.MostHistory)
	for i := range 1100 {
		h.Take(&lookout.Happening{Kind: lookout.WentDown, Device: i})
	}
	if n := h.Forgotten(); n != 1100-1<<20/lookout.MostHistory {
		t.Errorf("%d Devices forgotten", n)
	}
	inWorld(t, 1, []string{"success"}, func() []lookout.Sink { return nil }, func(w *world) {
		if len(h.Device(0, w.roster)) != 0 || len(h.Device(1099, w.roster)) != 1 {
			t.Error("the wrong Device was forgotten")
		}
	})
}

// TestCountingIsCheap: what a Board is told of a Device that it knows allocates nothing.
func TestCountingIsCheap(t *testing.T) {
	b := lookout.NewBoard(1)
	idle, busy := sim.Standing{DOS: ocf.RFNOP}, sim.Standing{DOS: ocf.RFNOP, Running: ocf.SVV, TM: ocf.SVV}
	b.Stands(0, 0, idle)
	b.Stands(0, 0, busy)
	if n := testing.AllocsPerRun(100, func() {
		b.Stands(0, 0, idle)
		b.Stands(0, 0, busy)
		b.Asked(fleet.Asked{Method: 2, Code: 0x44})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkStands measures what a Board costs the fleet when a Device begins and ends a
// check.
func BenchmarkStands(b *testing.B) {
	board := lookout.NewBoard(1)
	idle, busy := sim.Standing{DOS: ocf.RFNOP}, sim.Standing{DOS: ocf.RFNOP, Running: ocf.SVV, TM: ocf.SVV}
	board.Stands(0, 0, idle)
	b.ReportAllocs()
	for b.Loop() {
		board.Stands(0, 0, busy)
		board.Stands(0, 0, idle)
	}
}
