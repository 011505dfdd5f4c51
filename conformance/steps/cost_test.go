package steps

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestCostKnowsWhatIsWaitedFor runs all scenarios. Where one takes long, most of that was known
// before, and what was known to be waited for was waited for.
func TestCostKnowsWhatIsWaitedFor(t *testing.T) {
	all, err := load(t).Select("", "")
	if err != nil {
		t.Fatal(err)
	}
	long := 0
	for _, s := range all {
		synctest.Test(t, func(t *testing.T) {
			l := newLamp()
			began := time.Now()
			if _, err := Run(t.Context(), Config{Scenarios: []Scenario{s}, Target: l}); err != nil {
				t.Fatal(err)
			}
			took, waits := time.Since(began), CostOf(s, l.Profile()).Waits
			if waits > 0 {
				long++
			}
			if took < waits || took > 2*waits+l.Profile().Timing.Validation {
				t.Errorf("%s took %v, and is said to wait for %v", s.ID, took, waits)
			}
		})
	}
	if long < 5 {
		t.Errorf("%d scenarios wait", long)
	}
}

// TestNothingIsTheCostOfWhatDoesNotApply has such scenarios take no time.
func TestNothingIsTheCostOfWhatDoesNotApply(t *testing.T) {
	p := newLamp().Profile()
	p.Supports.Update = false
	n := 0
	for _, s := range load(t).Scenarios {
		if Applicable(s, p) != "" {
			n++
			if c := CostOf(s, p); c != (Cost{}) {
				t.Errorf("%s costs %v", s.ID, c)
			}
		}
	}
	if n == 0 {
		t.Error("all scenarios apply")
	}
}

func TestLater(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"a privileged Client schedules isac for 10 s later":        10 * time.Second,
		"a privileged Client schedules isac for an hour ago":       0,
		"a privileged Client schedules isac for a few s later":     0,
		"a privileged Client requests software version validation": 0,
	} {
		if got := later(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
