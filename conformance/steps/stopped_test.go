package steps

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestSwitchedOff wants a Device that is switched off in the middle of a
// scenario to be an error of it and of all that follow, and none of them to
// wait as long as the first; and a Device that is back to be tested again.
func TestSwitchedOff(t *testing.T) {
	scenarios, err := load(t).Select("@S16", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l, began := newLamp(), time.Now()
		power := func(off bool) { l.mu.Lock(); l.off = off; l.mu.Unlock() }
		runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: without{l, conformance.Reboot}, KeepGoing: true, Progress: func(p Progress) {
			switch {
			case p.N == 3 && p.Moment == Waits:
				power(true)
			case p.N == len(scenarios)-2 && p.Moment == Begins:
				power(false)
			}
		}})
		for i, r := range runs {
			if dark := i >= 2 && i < len(runs)-3; (r.Err != "") != dark || dark && r.Err != "the Device at coap://lamp does not answer" {
				t.Errorf("%d, %s: %q %q", i+1, r.ID, r.Err, r.NotTestable)
			}
			if i > 3 && r.Duration > time.Second {
				t.Errorf("%d, %s took %v", i+1, r.ID, r.Duration)
			}
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

// TestStaysAway wants a run to end early with a Device that is switched off for
// good: after the scenario that it happens in, and one that finds it still away.
func TestStaysAway(t *testing.T) {
	scenarios, err := load(t).Select("@S16", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l, began := newLamp(), time.Now()
		target := &without{l, conformance.Reboot}
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target, Progress: func(p Progress) {
			if p.N == 3 && p.Moment == Waits {
				l.mu.Lock()
				l.off = true
				l.mu.Unlock()
			}
		}})
		if !errors.Is(err, ErrAway) || len(runs) != 4 {
			t.Errorf("%d scenarios, %v", len(runs), err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

// TestOneSilenceIsWaitedFor wants a run to end in minutes with a Device that dies of a
// request and stays away, where nothing but silence says so, and each request is
// repeated for a minute: one silence, one hook that hangs, and no more.
func TestOneSilenceIsWaitedFor(t *testing.T) {
	scenarios, err := load(t).Select("@S16", "")
	if err != nil {
		t.Fatal(err)
	}
	const silence, hook = 62 * time.Second, time.Minute
	synctest.Test(t, func(t *testing.T) {
		l := newLamp()
		l.fatal, l.silence = 0x82, silence
		target := &sluggish{l, hook}
		var fell time.Time
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target, Progress: func(p Progress) {
			if p.Moment == Begins {
				fell = time.Now()
			}
		}})
		if !errors.Is(err, ErrAway) {
			t.Errorf("%d of %d scenarios, %v", len(runs), len(scenarios), err)
		}
		last := runs[len(runs)-2]
		if limit := silence + hook + l.profile.Timing.Reboot + 30*time.Second; last.Duration > limit || time.Since(fell) > 30*time.Second {
			t.Errorf("%s took %v, the next one %v; want %v and a short try", last.ID, last.Duration, time.Since(fell), limit)
		}
	})
}

// sluggish is a Target whose hook for a restart takes long and fails.
type sluggish struct {
	*lamp
	takes time.Duration
}

func (s *sluggish) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if name != conformance.Reboot {
		return s.lamp.Condition(ctx, name)
	}
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
	}
	return nil, errors.New("no answer from the power switch")
}

// TestLostOnce wants a Device to be asked once more when a request is lost with all
// its retransmissions, and one that answers at last to be believed to be there: over
// a bad network this happens to every Device.
func TestLostOnce(t *testing.T) {
	scenarios, err := load(t).Select("@S16", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		loses int
		errs  int // scenarios that end in an error
	}{{1, 0}, {2, 1}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLamp()
			runs, err := Run(t.Context(), Config{Scenarios: scenarios[:4], Target: &without{l, conformance.Reboot}, Progress: func(p Progress) {
				if p.N == 2 && p.Moment == Waits && p.Text == "the Device to come to rest" {
					l.mu.Lock()
					l.loses = c.loses
					l.mu.Unlock()
				}
			}})
			errs := 0
			for _, r := range runs {
				if r.Err != "" {
					errs++
				}
			}
			if err != nil || errs != c.errs || l.loses != 0 {
				t.Errorf("%d requests lost: %d scenarios ended in an error, want %d; %d requests not lost; %v", c.loses, errs, c.errs, l.loses, err)
			}
		})
	}
}

// TestFatal wants a Device that dies of a request to be restarted, sent the
// request once more, and restarted again for the scenarios to come. Where nothing
// but silence says so, the first silence alone is waited for to its end.
func TestFatal(t *testing.T) {
	scenarios, err := load(t).Select("@S16", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLamp()
		l.fatal, l.silence = 0x82, 62*time.Second // an array
		runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: l})
		if err != nil || l.boots != 2 {
			t.Errorf("%d restarts, want 2: %v", l.boots, err)
		}
		for _, r := range runs {
			const why = "not testable: the Device falls silent at POST /oic/sec/pstat of the privileged Client each time"
			if dies := strings.HasSuffix(r.ID, ".an-array"); r.Err != "" || dies != (r.NotTestable == why) {
				t.Errorf("%s: %q %q", r.ID, r.Err, r.NotTestable)
			}
			if r.Duration > 2*time.Minute {
				t.Errorf("%s took %v", r.ID, r.Duration)
			}
		}
	})
}

// TestRestarted wants a Device that a scenario has killed to be restarted where
// that can be done: that scenario can't be judged, and no other is lost.
func TestRestarted(t *testing.T) {
	scenarios, err := load(t).Select("@S16", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, moment := range []Moment{Waits, Ends} {
		synctest.Test(t, func(t *testing.T) {
			l := newLamp()
			runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: l, Progress: func(p Progress) {
				if p.N == 3 && p.Moment == moment {
					l.mu.Lock()
					l.off = true
					l.mu.Unlock()
				}
			}})
			for i, r := range runs {
				killed := i == 2 && moment == Waits
				const why = "not testable: the Device stopped answering, and answers again since it was restarted"
				if r.Err != "" || killed != (r.NotTestable == why) {
					t.Errorf("%s: %d, %s: %q %q", moment, i+1, r.ID, r.Err, r.NotTestable)
				}
			}
			if l.boots != 1 {
				t.Errorf("%s: %d restarts, want 1", moment, l.boots)
			}
		})
	}
}
