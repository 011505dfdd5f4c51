package steps

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestWithoutGate runs everything against a target whose source can't withhold
// an answer: what has the source answer late, or never, is not testable. The rest is,
// for as long as the Device's own process lasts.
func TestWithoutGate(t *testing.T) {
	scenarios := load(t).Scenarios
	synctest.Test(t, func(t *testing.T) {
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: without{newLamp(), conformance.Hold}})
		if err != nil {
			t.Fatal(err)
		}
		untested := 0
		for i, r := range runs {
			if r.Skipped != "" {
				continue
			}
			needs := needsGate(scenarios[i])
			if r.Err != "" || needs != (r.NotTestable != "") {
				t.Errorf("%s: %q %q", r.ID, r.Err, r.NotTestable)
			}
			if needs {
				untested++
			}
		}
		if untested == 0 || untested > len(runs)/10 {
			t.Errorf("%d of %d scenarios need the gate", untested, len(runs))
		}
	})
}

// lasting is a lamp with an offer that is always the same, and without other conditions.
type lasting struct{ *lamp }

func (l lasting) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if slices.Contains(l.profile.Always, name) {
		return l.lamp.Condition(ctx, name)
	}
	return nil, ErrUnsupported
}

// without is a lamp that can't be brought into one condition.
type without struct {
	*lamp
	condition string
}

func (w without) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if name == w.condition {
		return nil, ErrUnsupported
	}
	return w.lamp.Condition(ctx, name)
}

// TestWithoutReport wants every scenario to be run although the source keeps
// its counts to itself.
func TestWithoutReport(t *testing.T) {
	scenarios := load(t).Scenarios
	synctest.Test(t, func(t *testing.T) {
		runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: without{newLamp(), conformance.ReportSource}})
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %q %q", r.ID, r.Err, r.NotTestable)
			}
		}
	})
}

// TestParallelTargets runs several targets at once: they share nothing.
func TestParallelTargets(t *testing.T) {
	scenarios, err := load(t).Select("@S1 or @S4 or @S16", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: newLamp()})
				if err != nil || len(runs) != len(scenarios) {
					t.Errorf("%d runs, %v", len(runs), err)
				}
				for _, r := range runs {
					if r.Err != "" || r.NotTestable != "" {
						t.Errorf("%s: %q %q", r.ID, r.Err, r.NotTestable)
					}
				}
			})
		}
		all.Wait()
	})
}

// renewable is a lamp that can be replaced.
type renewable struct {
	*lamp
	renewed int
}

func (r *renewable) Renew(context.Context) error {
	r.renewed++
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pstat = ocf.Pstat{DOS: ocf.RFNOP, ISOP: true, OM: 4, SM: 4}
	return nil
}

// TestRenew wants a Device that is stuck to be replaced for the next scenario.
func TestRenew(t *testing.T) {
	scenarios, err := load(t).Select("@S1 and not @needs:secured", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		target := &renewable{lamp: lampWith(func(l *lamp) { l.stuck = true })}
		runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %q %q", r.ID, r.Err, r.NotTestable)
			}
		}
		if target.renewed != len(runs)-1 {
			t.Errorf("renewed %d times in %d scenarios", target.renewed, len(runs))
		}
	})
}

// TestNotStuck wants a Device that is at a process of its own when a scenario ends which asks
// for none to be waited for, and not to be replaced.
func TestNotStuck(t *testing.T) {
	scenarios, err := load(t).Select("@DPM-14 and not @needs:validation", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		target := &renewable{lamp: newLamp()}
		target.begins = func() {
			target.held = true
			target.start(ocf.SVV)
			target.held = false
			time.AfterFunc(1500*time.Millisecond, target.answer)
		}
		runs, _ := Run(t.Context(), Config{Scenarios: scenarios[:2], Target: target})
		for _, r := range runs {
			if r.Err != "" || r.NotTestable != "" {
				t.Errorf("%s: %q %q", r.ID, r.Err, r.NotTestable)
			}
		}
		if target.renewed != 0 || target.pstat.TM != 0 {
			t.Errorf("renewed %d times, and in the end %v", target.renewed, target.pstat)
		}
	})
}

// TestThenSendsNothing checks that nothing is sent after the first Then, except
// to end the observation.
func TestThenSendsNothing(t *testing.T) {
	scenarios := load(t).Scenarios
	synctest.Test(t, func(t *testing.T) {
		runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: newLamp()})
		for _, r := range runs {
			then := false
			for _, o := range r.Timeline.Observations {
				then = then || o.Kind == conformance.Step && strings.HasPrefix(o.Text, "Then")
				if ends := o.Frame != nil && o.Frame.Observe != nil && *o.Frame.Observe == 1; then && o.Kind == conformance.Request && !ends {
					t.Errorf("%s sends %s %s after its Then", r.ID, o.Frame.Code, o.Frame.Path)
				}
			}
			if r.Skipped == "" && !then {
				t.Errorf("%s has no Then in its timeline", r.ID)
			}
		}
	})
}

// TestFactoryReset wants a Device that is stuck to be reset and walked back to
// RFNOP where it can't be replaced, and one that stays stuck to be tried once.
func TestFactoryReset(t *testing.T) {
	scenarios, err := load(t).Select("@S1 and not @needs:secured", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, frees := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			target := &resettable{lamp: lampWith(func(l *lamp) { l.stuck = true }), frees: frees}
			runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
			untestable := 0
			for _, r := range runs {
				if r.Err != "" {
					t.Errorf("%s: %s", r.ID, r.Err)
				}
				if r.NotTestable != "" {
					untestable++
				}
			}
			if frees && (untestable != 0 || target.resets != len(runs)-1) {
				t.Errorf("%d resets in %d scenarios, %d not testable", target.resets, len(runs), untestable)
			}
			if !frees && (untestable != len(runs)-1 || target.resets != 1) {
				t.Errorf("in vain: %d resets in %d scenarios, %d not testable", target.resets, len(runs), untestable)
			}
		})
	}
}

// resettable is a lamp that can be reset to its factory state; only if the
// reset frees it is it no longer stuck.
type resettable struct {
	*lamp
	frees  bool
	resets int
}

func (r *resettable) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if name != conformance.FactoryReset {
		return r.lamp.Condition(ctx, name)
	}
	r.resets++
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.frees {
		r.pstat = ocf.Pstat{DOS: ocf.RESET, OM: 4, SM: 4}
		r.after(50*time.Millisecond, func() { r.pstat.DOS = ocf.RFOTM })
	}
	return nil, nil
}

// TestLateStart wants a Device that begins within the settle time after its answer to be
// waited for, so that each scenario sees the process that it asked for, and no other's.
func TestLateStart(t *testing.T) {
	scenarios, err := load(t).Select("@SVV-6 or @SVV-9 or @SSU-6 or @SSU-9", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLamp()
		l.late = l.profile.Timing.Settle * 2 / 3
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: l})
		if err != nil || len(runs) == 0 {
			t.Fatalf("%d scenarios: %v", len(runs), err)
		}
		for _, r := range runs {
			if r.Err != "" {
				t.Errorf("%s: %s", r.ID, r.Err)
			}
			found := judge.Scenario(r.Timeline, judge.Known{}).Expectations
			for n, e := range r.Timeline.Expectations {
				if f := found[n]; f.Verdict == conformance.Fail {
					t.Errorf("%s: %s: %s", r.ID, e.Text, f.Reason)
				}
			}
		}
	})
}
