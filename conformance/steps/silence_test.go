package steps

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestSilenceLastsForWhatIsPending has a source never answer an update, after a check that
// has ended: the answer is withheld for as long as the update may take, and no longer.
func TestSilenceLastsForWhatIsPending(t *testing.T) {
	l := newLamp()
	run, _ := played(t, l, "source.an-update-whose-source-never-answers-ends-though-there-is-one")
	var held, opened time.Duration
	for _, o := range run.Timeline.Observations {
		switch {
		case o.Kind == conformance.Condition && o.Name == conformance.Hold:
			held = o.At
		case o.Kind == conformance.Condition && o.Name == conformance.Release && o.Outcome == conformance.Asked:
			opened = o.At
		case o.Kind == conformance.Waiting && o.Text == "every observer to be told of tm=V+U":
			t.Error("it waits to be told of a check that has ended")
		}
	}
	timing := l.profile.Timing
	if lasts := opened - held; lasts < timing.Update || lasts >= timing.Update+timing.Validation {
		t.Errorf("the answer is withheld for %v, where an update may take %v and a check %v", lasts, timing.Update, timing.Validation)
	}
}
