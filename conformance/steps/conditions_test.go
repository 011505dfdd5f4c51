package steps

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// TestConditionsAreWhatScenariosAskFor runs every scenario against a target
// without conditions: a scenario that asks for some is not testable because the
// first is missing, and every other one is testable.
func TestConditionsAreWhatScenariosAskFor(t *testing.T) {
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
			want := ""
			if asks := Conditions(s); len(asks) > 0 {
				want = fmt.Sprintf("not testable: the condition %s can't be had", asks[0])
			} else {
				none++
			}
			if got := runs[0].NotTestable; got != want {
				t.Errorf("%s: %q, want %q", s.ID, got, want)
			}
		}
	})
	if none == 0 {
		t.Error("every scenario asks for a condition: that can't be")
	}
}
