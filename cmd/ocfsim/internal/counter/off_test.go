package counter_test

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestNothingPassesWithoutADevice switches Devices off before or during a run: from
// then on no requirement passes, and neither does the run.
func TestNothingPassesWithoutADevice(t *testing.T) {
	u, _ := urn(t)
	switchedOff := 0
	for seed := range uint64(8) {
		d, err := u.Draw(seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, after := range []time.Duration{0, 300 * time.Millisecond, 2 * time.Second, 10 * time.Second} {
			o, err := d.Off(after)
			r := o.Report
			if err == nil && r.DurationS <= after.Seconds() {
				continue // the run had ended before
			}
			switchedOff++
			if r.Verdict != conformance.Error && r.Verdict != conformance.Inconclusive {
				t.Errorf("%v, switched off after %v: %s (%v)", d, after, r.Verdict, err)
			}
			if n := len(r.Scenarios); n > 0 && good(r.Scenarios[n-1].Verdict) {
				t.Errorf("%v, switched off after %v: the last scenario is %s", d, after, r.Scenarios[n-1].Verdict)
			}
			for _, q := range r.Requirements {
				if after == 0 && good(q.Verdict) {
					t.Errorf("%v, always off: %s of %s: %s", d, q.Verdict, q.ID, q.Reason)
				}
				for _, f := range q.Findings {
					if f.Verdict == conformance.Pass && f.AtS > after.Seconds() {
						t.Errorf("%v, switched off after %v: pass of %s at %.3g s: %s", d, after, q.ID, f.AtS, f.Reason)
					}
				}
			}
		}
	}
	if switchedOff < 20 {
		t.Errorf("%d runs were still under way when the Device was switched off, want 20", switchedOff)
	}
}

// good reports whether a run with the verdict v counts as one that went well.
func good(v conformance.Verdict) bool {
	return v == conformance.Pass || v == conformance.Warn || v == conformance.Waived
}
