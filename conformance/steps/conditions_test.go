package steps

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWithoutConditionsOnlyWhatNeedsThemIsNotRun runs every scenario against a target
// without conditions. A scenario that needs one is not testable because the first is
// missing. Any other one is run, unless the Device is through before it can be
// disturbed.
func TestWithoutConditionsOnlyWhatNeedsThemIsNotRun(t *testing.T) {
	all, err := load(t).Select("", "")
	if err != nil {
		t.Fatal(err)
	}
	none := 0
	synctest.Test(t, func(t *testing.T) {
		for _, s := range all {
			runs, err := Run(t.Context(), Config{Scenarios: []Scenario{s}, Target: lampWith(func(l *lamp) { l.deaf = true })})
			if err != nil {
				t.Fatal(err)
			}
			if runs[0].Skipped != "" {
				continue
			}
			needed, got := Needed(s, nil), runs[0].NotTestable
			if len(needed) == 0 {
				none++
				if got != "" {
					t.Errorf("%s: %q, want nothing to be missing", s.ID, got)
				}
				continue
			}
			want := "not testable: the condition " + needed[0] + " can't be had; to test it: "
			if !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q", s.ID, got, want)
			}
		}
	})
	if none == 0 {
		t.Error("every scenario needs a condition: that can't be")
	}
}

// TestWhatIsAlwaysSoDecidesWhatIsRun tells apart the scenarios that want what a target
// declares to be always on offer, and those that want something else.
func TestWhatIsAlwaysSoDecidesWhatIsRun(t *testing.T) {
	for _, tt := range []struct{ always, id, want string }{
		{conformance.UpdateAvailable, plainCheck, ""},
		{conformance.NoUpdate, plainCheck, ""},
		{conformance.NoUpdate, "update.an-update-that-fails-says-that-nothing-was-performed-and-ends", "the condition update-fails can't be had: the target declares that it is always no-update"},
		{conformance.NoUpdate, "validation.a-check-that-finds-no-update-says-so-and-ends", ""},
		{conformance.UpdateFails, "update.an-update-that-fails-says-that-nothing-was-performed-and-ends", ""},
		{conformance.UpdateAvailable, "update.an-update-that-is-withdrawn-after-the-check-ends-with-its-true-result", "the condition no-update can't be had: the target declares"},
	} {
		scenarios := first(t, tt.id)
		synctest.Test(t, func(t *testing.T) {
			lamp := newLamp()
			lamp.profile.Always = []string{tt.always}
			target := lasting{lamp}
			runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
			if err != nil {
				t.Fatal(err)
			}
			if got := runs[0].NotTestable; !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("always %s, %s: %q, want %q", tt.always, tt.id, got, tt.want)
			}
			if got := Needed(scenarios[0], lamp.profile.Always); (len(got) == 0) != (tt.want == "") {
				t.Errorf("always %s, %s: needed %v", tt.always, tt.id, got)
			}
		})
	}
}

// telling is a target whose hook says something when it has done what was asked for.
type telling struct{ Target }

// Said is two lines of a console.
func (telling) Said() string { return "power off\n\nboot done\r\n" }

// TestWhatTheHookSaysIsNoted has the record show what the hook said, behind the condition
// that it was said at; a hook that says nothing leaves the record as it is.
func TestWhatTheHookSaysIsNoted(t *testing.T) {
	scenarios := first(t, plainCheck)
	synctest.Test(t, func(t *testing.T) {
		notes := func(target Target) (all []string) {
			runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: target})
			if err != nil {
				t.Fatal(err)
			}
			done := ""
			for _, o := range runs[0].Timeline.Observations {
				switch {
				case o.Kind == conformance.Condition:
					done = o.Name + " " + o.Outcome
				case o.Kind == conformance.Note && strings.HasPrefix(o.Text, "hook: "):
					all = append(all, done+": "+o.Text)
				}
			}
			return all
		}
		if got := notes(newLamp()); got != nil {
			t.Errorf("nobody said anything, and noted is %q", got)
		}
		got := strings.Join(notes(telling{newLamp()}), "\n")
		if want := "update-available done: hook: power off\nupdate-available done: hook: boot done"; !strings.Contains(got, want) {
			t.Errorf("noted %q, expected %q", got, want)
		}
	})
}
