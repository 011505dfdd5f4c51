package steps

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// Scenario is one scenario of a feature file, or one row of an outline's examples.
type Scenario struct {
	// ID is the file's stem, the name and, in an outline, the first cell of
	// the examples row: "payloads.a-wrong-type-starts-nothing.negative-number".
	// It does not depend on where in the file the scenario stands.
	ID           string
	Name         string
	Feature      string // the feature's name
	Rule         string // the rule's name; empty outside rules
	File         string // path in the file system that was loaded
	Line, Column int    // of the scenario, or of the examples row; both count from 1
	Tags         []string
	Requirements []string // the tags that name a requirement: SVV-6
	Stimuli      []string // the tags that name a stimulus of the catalogue: S8
	Steps        []Sentence

	tagsAt []place // of Tags; empty where they were not read from a file
}

// at is where the scenario stands in its file.
func (s Scenario) at() place { return place{s.Line, max(s.Column, 1)} }

// misread is an error of one of its sentences, with its place where that is in a file.
func (s Scenario) misread(step Sentence, err error) error {
	if s.File == "" || step.Line == 0 {
		return err
	}
	return step.at().wrong(s.File, "%w", err)
}

// tagAt is where its tag i stands.
func (s Scenario) tagAt(i int) place {
	if i < len(s.tagsAt) {
		return s.tagsAt[i]
	}
	return s.at()
}

// Word is the sort of a Sentence.
type Word string

// The words that a sentence can begin with; And and But have been resolved.
const (
	Given Word = "Given"
	When  Word = "When"
	Then  Word = "Then"
)

// Sentence is one step of a Scenario, with the outline's values in place.
type Sentence struct {
	Word         Word
	Text         string
	Table        [][]string // rows of cells; nil without a table
	Line, Column int        // both count from 1
}

// at is where the sentence stands in its file.
func (s Sentence) at() place { return place{s.Line, max(s.Column, 1)} }

// Catalogue is every scenario there is. Files come in the order of the lowest
// stimulus number in each, so that what is basic is tried first; files without
// a stimulus come last, by name. Within a file, scenarios come in the order of
// their lines.
type Catalogue struct {
	Scenarios []Scenario
}

// LoadFor reads the features that Devices of e are put through: those of Load, and those
// in the folder of fsys that is named for e. Scenarios that e contradicts are left out.
func LoadFor(e *edition.Edition, fsys fs.FS, requirements []string) (Catalogue, error) {
	all, err := Load(fsys, requirements)
	if err != nil {
		return all, err
	}
	if info, err := fs.Stat(fsys, e.ID); err == nil && info.IsDir() {
		own, err := fs.Sub(fsys, e.ID)
		if err != nil {
			return all, err
		}
		some, err := Load(own, requirements)
		if err != nil {
			return all, fmt.Errorf("%s: %w", e.ID, err)
		}
		if all, err = all.And(some); err != nil {
			return all, err
		}
	}
	all.Scenarios = slices.DeleteFunc(all.Scenarios, func(s Scenario) bool { return e.Scenarios[s.ID] != "" })
	return all, nil
}

// Load reads every *.feature file of fsys, but for folders that are named for an edition
// (see LoadFor); requirements are the ids that a tag
// may name. What would silently run nothing is an error: a file without
// scenarios, a scenario without steps, an outline without examples, a tag that
// looks like a requirement and is none, a tag that no expression can name, two
// equal ids.
func Load(fsys fs.FS, requirements []string) (Catalogue, error) {
	var cat Catalogue
	var files []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if _, later := edition.Named(path.Base(name)); err == nil && d.IsDir() && later {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() && path.Ext(name) == ".feature" {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return cat, fmt.Errorf("reading features: %w", err)
	}
	if len(files) == 0 {
		return cat, errors.New("there is no *.feature file")
	}
	var problems []error
	for _, name := range files {
		scenarios, err := parseFile(fsys, name)
		if err != nil {
			problems = append(problems, err)
		}
		cat.Scenarios = append(cat.Scenarios, scenarios...)
	}
	problems = append(problems, cat.sortTags(requirements), cat.unique())
	cat.order()
	return cat, errors.Join(problems...)
}

// And is the scenarios of both, in the order of Catalogue. Two equal ids are an
// error.
func (c Catalogue) And(other Catalogue) (Catalogue, error) {
	both := Catalogue{Scenarios: slices.Concat(c.Scenarios, other.Scenarios)}
	both.order()
	return both, both.unique()
}

// order puts the files in order by the lowest stimulus of each.
func (c Catalogue) order() {
	lowest := make(map[string]int)
	for _, s := range c.Scenarios {
		for _, name := range append([]string{"S1000"}, s.Stimuli...) {
			n, _ := strconv.Atoi(name[1:])
			if have, ok := lowest[s.File]; !ok || n < have {
				lowest[s.File] = n
			}
		}
	}
	slices.SortStableFunc(c.Scenarios, func(a, b Scenario) int {
		return cmp.Or(cmp.Compare(lowest[a.File], lowest[b.File]), strings.Compare(a.File, b.File))
	})
}

var (
	requirementTag = regexp.MustCompile(`^@[A-Z]{3}-[0-9]+$`)
	stimulusTag    = regexp.MustCompile(`^@S[0-9]+$`)
)

// stimuli is how many stimuli the catalogue of NOTES.md 1.1 has: S1 to S32.
const stimuli = 32

// sortTags tells requirements from stimuli and needs, and refuses unknown ones.
func (c Catalogue) sortTags(requirements []string) error {
	known := make(map[string]bool)
	var ids []string
	for _, id := range requirements {
		known[id] = true
		ids = append(ids, "@"+id)
	}
	var problems []error
	for i := range c.Scenarios {
		s := &c.Scenarios[i]
		for i, tag := range s.Tags {
			at, name := s.tagAt(i), strings.TrimPrefix(tag, "@")
			switch {
			case strings.ContainsAny(tag, operators+"()"):
				problems = append(problems, at.wrong(s.File, "%s is not a tag that an expression can name; put a blank between two tags", tag))
			case requirementTag.MatchString(tag) && known[name]:
				s.Requirements = append(s.Requirements, name)
			case requirementTag.MatchString(tag):
				problems = append(problems, at.wrong(s.File, "%s is not a requirement%s", tag, ocf.Near(tag, ids)))
			case stimulusTag.MatchString(tag) && stimulusKnown(name):
				s.Stimuli = append(s.Stimuli, name)
			case stimulusTag.MatchString(tag):
				problems = append(problems, at.wrong(s.File, "%s is not a stimulus, expected @S1 to @S%d", tag, stimuli))
			case strings.HasPrefix(tag, needsPrefix) && needOf(tag) == nil:
				problems = append(problems, at.wrong(s.File, "%s is not a need%s", tag, ocf.Near(tag, needTags())))
			}
		}
	}
	return errors.Join(problems...)
}

func stimulusKnown(name string) bool {
	n, err := strconv.Atoi(name[1:])
	return err == nil && n >= 1 && n <= stimuli
}

// unique refuses two scenarios of the same id.
func (c Catalogue) unique() error {
	seen := make(map[string]Scenario)
	var problems []error
	for _, s := range c.Scenarios {
		if first, ok := seen[s.ID]; ok {
			problems = append(problems, s.at().wrong(s.File, "scenario %q has the id of line %d: %s", s.Name, first.Line, s.ID))
			continue
		}
		seen[s.ID] = s
	}
	return errors.Join(problems...)
}

// Tags is every tag in use, sorted.
func (c Catalogue) Tags() []string {
	var tags []string
	for _, s := range c.Scenarios {
		tags = append(tags, s.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// Select returns, in order, the scenarios for which the tag expression expr is
// true (an empty one always is) and whose id is id (an empty one stands for
// any). A tag or an id that no scenario has is an error, and so is a selection
// of nothing.
func (c Catalogue) Select(expr, id string) ([]Scenario, error) {
	match, err := parseExpression(expr)
	if err != nil {
		return nil, err
	}
	tags := c.Tags()
	for _, tag := range match.tags {
		if !slices.Contains(tags, tag) {
			return nil, fmt.Errorf("tag expression %q: no scenario has %s; misspelled?%s", expr, tag, ocf.Near(tag, tags))
		}
	}
	var selected []Scenario
	found := id == ""
	for _, s := range c.Scenarios {
		if id != "" && s.ID != id {
			continue
		}
		found = true
		if match.holds(s.Tags) {
			selected = append(selected, s)
		}
	}
	switch {
	case !found:
		var ids []string
		for _, s := range c.Scenarios {
			ids = append(ids, s.ID)
		}
		return nil, fmt.Errorf("there is no scenario %q%s", id, ocf.Near(id, ids))
	case len(selected) == 0:
		return nil, fmt.Errorf("nothing selected: no scenario matches tags %q and id %q", expr, id)
	}
	return selected, nil
}
