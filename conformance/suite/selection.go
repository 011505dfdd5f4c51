package suite

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

// Selection is which scenarios are run. The zero value is every built-in one.
type Selection struct {
	// Features are where the *.feature files are; none: the built-in ones, which are
	// features.FS and can stand beside one's own.
	Features []fs.FS
	// Edition is the one whose scenarios are meant; "": that of the seed.
	Edition string
	Tags    string   // a tag expression: "@SVV-6 and not (@S9 or @S10)"; "" for all
	IDs     []string // of scenarios; none: all
	// Partial says that the scenarios are a selection: a requirement that none of
	// them speaks of is then not judged, where it would be inconclusive. Load sets it
	// where Tags or IDs select.
	Partial bool
	// Scenarios are what is run where they are set, and the fields above only
	// say where they are from. Load sets them.
	Scenarios []steps.Scenario
	// Of is how many scenarios there are to select from: the built-in ones and those
	// of Features. Load sets it; 0 for unknown.
	Of int
}

// Load reads the features and selects the scenarios: once, where several runs
// share them. A tag or an id that no scenario has is an error, and so is a
// selection of nothing.
func (s Selection) Load() (Selection, error) {
	if len(s.Scenarios) > 0 {
		return s, nil
	}
	catalogue, err := s.catalogue()
	if err != nil {
		return s, err
	}
	s.Partial = s.Partial || s.Tags != "" || len(s.IDs) > 0
	if s.Of, err = s.of(catalogue); err != nil {
		return s, err
	}
	if len(s.IDs) == 0 {
		s.Scenarios, err = catalogue.Select(s.Tags, "")
		return s, err
	}
	for _, id := range s.IDs {
		one, err := catalogue.Select(s.Tags, id)
		if err != nil {
			return s, err
		}
		if !slices.ContainsFunc(s.Scenarios, func(have steps.Scenario) bool { return have.ID == one[0].ID }) {
			s.Scenarios = append(s.Scenarios, one...)
		}
	}
	return s, nil
}

// total is how many scenarios there are to select from, 0 for unknown: a selection
// whose Scenarios somebody else has set.
func (s Selection) total() int {
	if s.Of == 0 && !s.Partial {
		return len(s.Scenarios)
	}
	return s.Of
}

// of counts the scenarios of the catalogue and the built-in ones that it lacks.
func (s Selection) of(catalogue steps.Catalogue) (int, error) {
	n := len(catalogue.Scenarios)
	if len(s.Features) == 0 {
		return n, nil
	}
	s.Features = nil
	builtin, err := s.catalogue()
	if err != nil {
		return 0, err
	}
	for _, one := range builtin.Scenarios {
		if !slices.ContainsFunc(catalogue.Scenarios, func(have steps.Scenario) bool { return have.ID == one.ID }) {
			n++
		}
	}
	return n, nil
}

// catalogue is every scenario of the features.
func (s Selection) catalogue() (steps.Catalogue, error) {
	e := edition.Of(s.Edition)
	from := s.Features
	if len(from) == 0 {
		from = []fs.FS{features.FS}
	}
	var all steps.Catalogue
	for _, dir := range from {
		some, err := steps.LoadFor(e, dir, judge.IDsOf(e))
		if err != nil {
			return all, err
		}
		if all, err = all.And(some); err != nil {
			return all, fmt.Errorf("features together: %w", err)
		}
	}
	return all, nil
}
