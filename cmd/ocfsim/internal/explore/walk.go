// Package explore walks at random through what can be done to a Device, has the
// requirements judge what was seen, and shortens a walk that shows a bug as far as it
// still shows it. A walk is made of the sentences of the feature files, so it is a
// scenario, and so is what is left of it (docs/adr/0049).
package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/steps"
)

// Walk is a sequence of stimuli. Any of its sentences can be left out, and what remains
// is a Walk again, as long as it has a Given and a When.
type Walk struct {
	Givens []string // at least one, which names the Device
	Whens  []string // at least one
}

// decide is the Then of every walk: it expects only what the requirements demand of
// every Device.
const decide = "the requirements decide"

// Scenario is w as a scenario with this name; its id is "walk.NAME". It is tagged with
// the ids in requirements.
func (w Walk) Scenario(name string, requirements ...string) steps.Scenario {
	s := steps.Scenario{
		ID: "walk." + strings.ReplaceAll(strings.ToLower(name), " ", "-"), Name: name, Feature: feature, File: "walk.feature",
		Requirements: requirements,
	}
	for _, id := range requirements {
		s.Tags = append(s.Tags, "@"+id)
	}
	add := func(word steps.Word, texts ...string) {
		for _, text := range texts {
			s.Steps = append(s.Steps, steps.Sentence{Word: word, Text: text})
		}
	}
	add(steps.Given, w.Givens...)
	add(steps.When, w.Whens...)
	add(steps.Then, decide)
	return s
}

// String is w on one line.
func (w Walk) String() string {
	return strings.Join(slices.Concat(w.Givens, w.Whens), "; ")
}

// Len is how many sentences w has.
func (w Walk) Len() int { return len(w.Givens) + len(w.Whens) }

// key identifies w: equal walks have equal keys.
func (w Walk) key() string { return fmt.Sprintf("%q %q", w.Givens, w.Whens) }
