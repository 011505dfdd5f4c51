package fleet_test

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// TestDriftingClocks has Devices check whose clocks are slow, right and fast, each for the
// 220 ms that a check takes by their clocks, long after the fleet began.
func TestDriftingClocks(t *testing.T) {
	rates := [3]float64{-100_000, 0, 100_000}
	drift := func(c *fleet.Config) { c.Drift = func(i int) float64 { return rates[i] } }
	inMotion(t, len(rates), drift, func(m *motion) {
		time.Sleep(100 * 24 * time.Hour) // in the bubble's time
		began := time.Now()
		if _, err := m.fleet.Condition("", "autonomous-validation"); err != nil {
			t.Fatal(err)
		}
		ended := [3]time.Duration{}
		for time.Since(began) < time.Second {
			time.Sleep(100 * time.Microsecond)
			for i := range rates {
				if ended[i] == 0 && m.fleet.State(i).TM == 0 {
					ended[i] = time.Since(began).Truncate(time.Millisecond)
				}
			}
		}
		if want := [3]time.Duration{244 * time.Millisecond, 220 * time.Millisecond, 200 * time.Millisecond}; ended != want {
			t.Errorf("the checks took %v, not %v", ended, want)
		}
	})
}
