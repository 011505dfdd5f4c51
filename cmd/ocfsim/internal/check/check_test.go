package check_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/check"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// TestCompliantDevicesAreReady checks every compliant Device without sessions, and one
// in five with them, against what is true of it: nothing is said not to be so, and the
// Device is given back.
func TestCompliantDevicesAreReady(t *testing.T) {
	specimens, err := lab.Specimens(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]struct {
		lab.Config
		every int
	}{
		"secured":   {lab.Config{Specimens: specimens}, 5},
		"unsecured": {lab.Config{Specimens: lab.Unsecured(slices.Clone(specimens)), Unsecured: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for i := 0; i < len(cfg.Specimens); i += cfg.every * (1 + spared) {
				one := cfg.Config
				one.Specimens = cfg.Specimens[i : i+1]
				synctest.Test(t, func(t *testing.T) { isReady(t, one) })
			}
		})
	}
}

// isReady checks the one Device of cfg.
func isReady(t *testing.T, cfg lab.Config) {
	l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
	if err != nil {
		t.Fatal(err)
	}
	report, err := check.Run(t.Context(), check.Config{Target: l.Targets()[0]})
	if err != nil {
		t.Errorf("%s: %v", cfg.Specimens[0].Name, err)
	}
	for _, line := range report.Lines {
		if line.Outcome == check.NotSo {
			t.Errorf("%s: %s is not so: %s", cfg.Specimens[0].Name, line.Topic, line.Text)
		}
	}
	if report.Estimate == nil || !report.Ready {
		t.Errorf("%s: ready %v, estimate %v", cfg.Specimens[0].Name, report.Ready, report.Estimate)
	}
	if l.Fleet().State(0).Owned == !cfg.Unsecured {
		t.Errorf("%s: owned %v in the end", cfg.Specimens[0].Name, l.Fleet().State(0).Owned)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestTimesThatNoGateCanUseAreTold checks that a declared time of which a quarter is no longer than
// the settle time is warned of, and a longer one is not.
func TestTimesThatNoGateCanUseAreTold(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	for times, warned := range map[time.Duration]bool{4: true, 5: false} {
		synctest.Test(t, func(t *testing.T) {
			l, err := lab.OpenVirtual(lab.Config{Specimens: lab.Unsecured(specimens), Unsecured: true}, memnet.New(1, memnet.Impairment{}))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			target := l.Targets()[0]
			timing := &target.Profile.Timing
			timing.Settle = timing.Validation / times
			report, err := check.Run(t.Context(), check.Config{Target: target})
			if err != nil {
				t.Fatal(err)
			}
			told := slices.ContainsFunc(report.Lines, func(l check.Line) bool {
				return l.Topic == "timing" && l.Outcome == check.Warn && strings.HasPrefix(l.Text, "a withheld answer proves for ")
			})
			if told != warned {
				t.Errorf("validation %v, settle %v: told %v in %+v", timing.Validation, timing.Settle, told, report.Lines)
			}
		})
	}
}
