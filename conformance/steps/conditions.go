package steps

import (
	"regexp"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
)

// arranges says which condition a sentence asks for.
type arranges struct{ text, condition string }

// arranging is every sentence of the language that asks for a condition. A test
// holds it to what scenarios ask for when they run.
func arranging() []arranges {
	return []arranges{
		{`that has an update$|has an update again$|times, one after another$`, conformance.UpdateAvailable},
		{`that has no update$|has no update any more$`, conformance.NoUpdate},
		{`whose update fails$|update fails from now on$`, conformance.UpdateFails},
		{`withholds its answers$|is pending$|never answers$`, conformance.Hold},
		{`starts a check by itself$`, conformance.AutonomousValidation},
		{`starts an update by itself$`, conformance.AutonomousUpdate},
		{`restarted$`, conformance.Reboot},
	}
}

// Conditions are the conditions that s asks for, in that order. If one of them
// can't be brought about, s is not testable.
func Conditions(s Scenario) []string {
	var all []string
	for _, step := range s.Steps {
		for _, a := range arranging() {
			if step.Word != Then && regexp.MustCompile(a.text).MatchString(step.Text) && !slices.Contains(all, a.condition) {
				all = append(all, a.condition)
			}
		}
	}
	return all
}
