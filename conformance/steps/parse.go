package steps

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// position is how the parser says where it is wrong.
var position = regexp.MustCompile(`(?m)^\((\d+):(\d+)\): `)

// placed is err with the file in front of each line and column, as everywhere else.
func placed(name string, text []byte, err error) error {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return fmt.Errorf("%s:1:1: this is UTF-16, expected UTF-8", name)
	}
	said := strings.TrimSpace(strings.TrimPrefix(err.Error(), "Parser errors:"))
	if !position.MatchString(said) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return errors.New(position.ReplaceAllString(said, name+":$1:$2: "))
}

// parseFile reads one feature file. With an error it returns what it could read.
func parseFile(fsys fs.FS, name string) ([]Scenario, error) {
	text, err := bounded.ReadFS(fsys, name, bounded.Text)
	if err != nil {
		return nil, fmt.Errorf("reading features: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors begin a file with a byte-order mark
	newID := (&messages.Incrementing{}).NewId
	doc, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), newID)
	if err != nil {
		return nil, placed(name, text, err)
	}
	if doc.Feature == nil {
		return nil, place{1, 1}.wrong(name, "there is no feature in it")
	}
	if lang := doc.Feature.Language; lang != "en" {
		return nil, placeOf(doc.Feature.Location).wrong(name, "the language is %q, expected English keywords", lang)
	}
	src := source{file: name, feature: doc.Feature.Name, nodes: make(map[string]node), places: make(map[string]place)}
	src.index(doc.Feature)
	var scenarios []Scenario
	for _, pickle := range gherkin.Pickles(*doc, name, newID) {
		if s, err := src.scenario(pickle); err != nil {
			src.problems = append(src.problems, err)
		} else {
			scenarios = append(scenarios, s)
		}
	}
	if len(scenarios) == 0 && len(src.problems) == 0 {
		src.problem(place{1, 1}, "there is no scenario in it")
	}
	return scenarios, errors.Join(src.problems...)
}

// node is what a pickle does not carry of the scenario it was made of.
type node struct {
	at   place
	rule string
	name string // as written, with the outline's placeholders
	row  string // first cell of the examples row
}

// source is a feature file while it is read.
type source struct {
	file, feature string
	nodes         map[string]node  // by AST id of scenario or examples row
	places        map[string]place // of steps and tags, by AST id
	problems      []error
}

// place is where something stands in a file: both count from 1, the column in characters.
type place struct{ line, column int }

func placeOf(l *messages.Location) place { return place{int(l.Line), max(int(l.Column), 1)} }

// wrong is an error at p of a file.
func (p place) wrong(file, format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %w", file, p.line, p.column, fmt.Errorf(format, args...))
}

func (src *source) problem(at place, format string, args ...any) {
	src.problems = append(src.problems, at.wrong(src.file, format, args...))
}

func (src *source) index(f *messages.Feature) {
	src.indexTags(f.Tags)
	for _, child := range f.Children {
		src.indexSteps(child.Background)
		src.indexScenario(child.Scenario, "")
		if child.Rule == nil {
			continue
		}
		src.indexTags(child.Rule.Tags)
		for _, inner := range child.Rule.Children {
			src.indexSteps(inner.Background)
			src.indexScenario(inner.Scenario, child.Rule.Name)
		}
	}
}

func (src *source) indexTags(tags []*messages.Tag) {
	for _, tag := range tags {
		src.places[tag.Id] = placeOf(tag.Location)
	}
}

func (src *source) indexSteps(b *messages.Background) {
	if b == nil {
		return
	}
	for _, step := range b.Steps {
		src.places[step.Id] = placeOf(step.Location)
	}
}

// indexScenario notes where s and its examples stand, and reports what the
// compiler would silently leave out.
func (src *source) indexScenario(s *messages.Scenario, rule string) {
	if s == nil {
		return
	}
	for _, step := range s.Steps {
		src.places[step.Id] = placeOf(step.Location)
	}
	src.indexTags(s.Tags)
	at := placeOf(s.Location)
	if len(s.Steps) == 0 {
		src.problem(at, "scenario %q has no steps", s.Name)
	}
	if outline := s.Keyword != "Scenario" && s.Keyword != "Example"; outline && len(s.Examples) == 0 {
		src.problem(at, "outline %q has no examples", s.Name)
	}
	src.nodes[s.Id] = node{at: at, rule: rule, name: s.Name}
	for _, examples := range s.Examples {
		src.indexTags(examples.Tags)
		if len(examples.TableBody) == 0 {
			src.problem(placeOf(examples.Location), "the examples of %q have no row", s.Name)
		}
		for _, row := range examples.TableBody {
			src.nodes[row.Id] = node{at: placeOf(row.Location), rule: rule, name: s.Name, row: row.Cells[0].Value}
		}
	}
}

// scenario turns a pickle, godog's compiled scenario, into ours.
func (src *source) scenario(p *messages.Pickle) (Scenario, error) {
	n := src.nodes[p.AstNodeIds[len(p.AstNodeIds)-1]]
	s := Scenario{Name: p.Name, Feature: src.feature, Rule: n.rule, File: src.file, Line: n.at.line, Column: n.at.column}
	id := []string{slug(strings.TrimSuffix(path.Base(src.file), ".feature")), slug(n.name)}
	if len(p.AstNodeIds) > 1 {
		id = append(id, slug(n.row))
		if p.Name == n.name {
			s.Name += " (" + n.row + ")"
		}
	}
	s.ID = strings.Join(id, ".")
	for _, tag := range p.Tags {
		s.Tags = append(s.Tags, tag.Name)
		s.tagsAt = append(s.tagsAt, src.places[tag.AstNodeId])
	}
	for _, step := range p.Steps {
		sentence, err := src.sentence(step)
		if err != nil {
			return s, err
		}
		s.Steps = append(s.Steps, sentence)
	}
	return s, src.inOrder(s)
}

func (src *source) sentence(step *messages.PickleStep) (Sentence, error) {
	at := src.places[step.AstNodeIds[0]]
	s := Sentence{Text: step.Text, Line: at.line, Column: at.column}
	switch step.Type {
	case messages.PickleStepType_CONTEXT:
		s.Word = Given
	case messages.PickleStepType_ACTION:
		s.Word = When
	case messages.PickleStepType_OUTCOME:
		s.Word = Then
	default:
		return s, at.wrong(src.file, "%q does not say whether it is a Given, a When or a Then", s.Text)
	}
	if step.Argument == nil {
		return s, nil
	}
	if step.Argument.DocString != nil {
		return s, at.wrong(src.file, "%q has a doc string, and no step takes one", s.Text)
	}
	for _, row := range step.Argument.DataTable.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Value)
		}
		s.Table = append(s.Table, cells)
	}
	return s, nil
}

// inOrder checks that a scenario has what it can't be concluded without: Given,
// then one When, then Then.
func (src *source) inOrder(s Scenario) error {
	order := map[Word]int{Given: 0, When: 1, Then: 2}
	at, seen, last := 0, [3]bool{}, Given
	for _, step := range s.Steps {
		n := order[step.Word]
		if n < at {
			return step.at().wrong(src.file, "%s after %s; a scenario has one When, between its Given and its Then", step.Word, last)
		}
		at, seen[n], last = n, true, step.Word
	}
	if len(s.Steps) > 0 && !(seen[0] && seen[1] && seen[2]) {
		return s.at().wrong(src.file, "scenario %q lacks a Given, a When or a Then", s.Name)
	}
	return nil
}

// slug is name in lower case, with everything but letters and digits as single
// dashes.
func slug(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
			continue
		}
		dash = true
	}
	return b.String()
}
