package suite

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/script"
)

// attempts are so many attempts at a scenario in which a check had ended before anybody
// looked, and in which an answer took the settle time.
func attempts(t *testing.T, id string, n int) []conformance.ScenarioRun {
	t.Helper()
	tl, err := script.Play("update-available\nbegin tm=- cm=- dos=RFNOP\npost tm=V 2.04\nsource checks=1\nboth 13 tm=- cm=V dos=RFNOP\nend tm=- cm=V dos=RFNOP\n")
	if err != nil {
		t.Fatal(err)
	}
	from := slices.IndexFunc(tl.Observations, func(o conformance.Observation) bool { return o.Kind == conformance.Response })
	for i := from; i < len(tl.Observations); i++ {
		tl.Observations[i].At += tl.Header.Target.Timing.Settle
	}
	var all []conformance.ScenarioRun
	for range n {
		all = append(all, conformance.ScenarioRun{ID: id, Requirements: []string{"DPM-8"}, Timeline: tl})
	}
	return all
}

// TestWhatWasLateIsRepeated runs a scenario again that everybody was late for, a few times, and
// no more where that taught nothing in several scenarios.
func TestWhatWasLateIsRepeated(t *testing.T) {
	r := run{Config: Config{Edition: edition.OCF10}, deck: &deck{}}
	told := conformance.Inconclusive
	again := r.repeats(&told)
	for i := range inVain {
		id := fmt.Sprintf("check.%d", i)
		for n := 1; n <= late; n++ {
			if !again(attempts(t, id, n)) {
				t.Errorf("%s is not run again after %d attempts", id, n)
			}
		}
		if again(attempts(t, id, late+1)) {
			t.Errorf("%s is run again after %d attempts", id, late+1)
		}
	}
	if again(attempts(t, "check.last", 1)) {
		t.Error("a scenario is run again, though that taught nothing in those before")
	}
}
