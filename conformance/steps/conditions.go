package steps

import (
	"regexp"
	"slices"
	"strings"

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

// Conditions are the conditions that s asks for, in that order. Needed says which of
// them it can't do without.
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

// Needed are those of Conditions without which s is not run at all. always is what
// the target declares to be on offer at all times; nil where it declares nothing.
// Without any other condition s is run with whatever is on offer, or for as long as
// the Device's own process lasts.
func Needed(s Scenario, always []string) []string {
	var needed []string
	first := ""
	for _, c := range Conditions(s) {
		switch {
		case slices.Contains(always, c) || c == conformance.Hold && !needsGate(s):
		case !slices.Contains(conformance.Offers(), c) || first != "" || c != conformance.UpdateAvailable:
			needed = append(needed, c)
		}
		if slices.Contains(conformance.Offers(), c) {
			first = c
		}
	}
	return needed
}

// needsGate reports whether the source has to answer late in s, or never.
func needsGate(s Scenario) bool {
	return slices.ContainsFunc(s.Steps, func(sentence Sentence) bool {
		return strings.HasSuffix(sentence.Text, "never answers") || strings.HasSuffix(sentence.Text, "answers late")
	})
}
