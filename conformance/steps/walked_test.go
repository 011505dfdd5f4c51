package steps

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestTheVersionIsReadInBetween wants the look at what lies outside pstat to be
// where a walk has it: between two updates, whose versions would else be one.
func TestTheVersionIsReadInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const update, rests, read = "a privileged Client requests a secure software update", "the Device has come to rest", "the software version is read"
		s := Scenario{ID: "x", Steps: []Sentence{{Word: Given, Text: "a Device in RFNOP that has an update"}}}
		for _, text := range []string{update, rests, read, update, rests} {
			s.Steps = append(s.Steps, Sentence{Word: When, Text: text})
		}
		s.Steps = append(s.Steps, Sentence{Word: Then, Text: "the requirements decide"})
		runner, err := NewRunner(Config{Target: newLamp()})
		if err != nil {
			t.Fatal(err)
		}
		run := runner.Play(t.Context(), s)
		if run.Err != "" {
			t.Fatal(run.Err)
		}
		var course []string
		for _, o := range run.Timeline.Observations {
			if o.Kind == conformance.Request && (o.Frame.Code == "POST" || o.Frame.Path == "/oic/d") {
				course = append(course, o.Frame.Code)
			}
		}
		if want := []string{"GET", "POST", "GET", "POST", "GET"}; !slices.Equal(course, want) {
			t.Errorf("sent %v, want %v", course, want)
		}
	})
}
