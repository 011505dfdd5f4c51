package reports

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/features"
)

// features writes the features of which t ran scenarios, with a pickle
// for each, and returns a test case for each in the order in which they were run. A scenario
// that no built-in feature has, one of somebody's own, is written as a feature that
// names it. Of several targets each has its features for itself.
func (c *cucumbers) features(t Entry, several bool) []planned {
	prefix := ""
	if several {
		prefix = clean(t.Report.Target.Name) + "/"
	}
	rep := complete(t.Report)
	tests := map[string]messages.TestCase{} // by the id of the scenario
	names, err := fs.Glob(features.FS, "*.feature")
	for _, name := range names {
		var text []byte
		if text, err = fs.ReadFile(features.FS, name); err != nil {
			break
		}
		c.feature(prefix+name, string(text), rep.Scenarios, tests)
	}
	if c.err == nil {
		c.err = err
	}
	for _, s := range rep.Scenarios {
		if _, ok := tests[s.ID]; !ok {
			text := fmt.Sprintf("Feature: %s\n  Scenario: %s\n    * %s\n", plain(s.Feature), plain(s.Name), plain("scenario "+s.ID))
			c.feature(prefix+path.Base(plain(s.ID))+".feature", text, []assess.ScenarioResult{s}, tests)
		}
	}
	var plan []planned
	for _, s := range rep.Scenarios {
		if test, ok := tests[s.ID]; ok {
			plan = append(plan, planned{s, test})
		}
	}
	return plan
}

// plain is s as one line of Gherkin.
func plain(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// feature writes a feature if one of the scenarios stands in it, and notes their tests.
func (c *cucumbers) feature(uri, text string, ran []assess.ScenarioResult, tests map[string]messages.TestCase) {
	doc, err := gherkin.ParseGherkinDocument(strings.NewReader(text), c.newID)
	if err != nil || doc.Feature == nil {
		return // the name of somebody's own scenario was no Gherkin
	}
	doc.Uri = uri
	var pickles []*messages.Pickle
	for _, p := range gherkin.Pickles(*doc, uri, c.newID) {
		names := []string{p.Name, p.Name + " (" + row(doc.Feature, p) + ")"} // of an outline whose name is the same in each row
		i := slices.IndexFunc(ran, func(s assess.ScenarioResult) bool {
			_, taken := tests[s.ID]
			return !taken && plain(s.Feature) == doc.Feature.Name && slices.Contains(names, plain(s.Name))
		})
		if i < 0 {
			continue
		}
		test := messages.TestCase{Id: c.newID(), PickleId: p.Id, TestRunStartedId: c.run}
		for _, step := range p.Steps {
			test.TestSteps = append(test.TestSteps, &messages.TestStep{Id: c.newID(), PickleStepId: step.Id})
		}
		tests[ran[i].ID], pickles = test, append(pickles, p)
	}
	if len(pickles) == 0 {
		return
	}
	c.put(messages.Envelope{Source: &messages.Source{Uri: uri, Data: text, MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN}})
	c.put(messages.Envelope{GherkinDocument: doc})
	for _, p := range pickles {
		c.put(messages.Envelope{Pickle: p})
	}
}

// row is the first cell of the examples row that p was made of; "" where it was made of
// no outline.
func row(f *messages.Feature, p *messages.Pickle) string {
	id := p.AstNodeIds[len(p.AstNodeIds)-1]
	var found string
	look := func(s *messages.Scenario) {
		if s == nil {
			return
		}
		for _, e := range s.Examples {
			for _, r := range e.TableBody {
				if r.Id == id {
					found = r.Cells[0].Value
				}
			}
		}
	}
	for _, child := range f.Children {
		look(child.Scenario)
		if child.Rule != nil {
			for _, inner := range child.Rule.Children {
				look(inner.Scenario)
			}
		}
	}
	return found
}
