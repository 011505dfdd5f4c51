package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/cucumber/godog"
)

// Only this file knows of godog, which matches sentences with definitions and
// executes them, one godog run for each scenario. Selecting, scheduling,
// deadlines and outcomes are ours, since godog takes an undefined step for a
// success.

// definition is what a sentence of the language does. One of act and claim is
// set: act for a Given or a When, claim for a Then.
type definition struct {
	word  Word
	text  string         // regular expression for the whole sentence
	expr  *regexp.Regexp // compiled; nil before it is in a language
	table bool           // whether a table follows
	// walked says that it is there for random walks: no scenario of the feature
	// files has to use it.
	walked bool
	act    func(context.Context, *trial, call) error
	claim  func(*claims, call) error
}

// call is one use of a definition: what its expression captured, and its table.
type call struct {
	text  string
	at    place
	args  []string
	table [][]string
}

// perform has godog match and execute the scenario's sentences with the definitions of
// words. The error is that of the first sentence that did not succeed.
func perform(ctx context.Context, s Scenario, words *language, do func(context.Context, definition, call) error) error {
	silence()
	g := &godogRun{scenario: s, do: do}
	suite := godog.TestSuite{
		Name: s.ID,
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			for _, d := range words.matching(s.Steps) {
				g.define(sc, d)
			}
			sc.StepContext().After(g.after)
		},
		Options: &godog.Options{
			Format: silent, Output: io.Discard, NoColors: true, Strict: true, Concurrency: 1, DefaultContext: ctx,
			FeatureContents: []godog.Feature{{Name: s.ID, Contents: feature(s)}},
		},
	}
	code := suite.Run()
	switch {
	case g.err != nil:
		return g.err
	case g.passed != len(s.Steps):
		return fmt.Errorf("%d of %d steps were executed", g.passed, len(s.Steps))
	case code != 0:
		return fmt.Errorf("godog ended with %d", code)
	}
	return nil
}

// silent is the name of a formatter of godog that prints nothing. The reports are ours,
// and godog's own formatters add up what nobody reads.
const silent = "silent"

var silence = sync.OnceFunc(func() {
	godog.Format(silent, "Prints nothing.", func(suite string, out io.Writer) godog.Formatter {
		return quiet{godog.NewBaseFmt(suite, out)}
	})
})

type quiet struct{ *godog.BaseFmt }

// Summary prints nothing.
func (quiet) Summary() {}

// godogRun collects what godog tells of one scenario.
type godogRun struct {
	scenario Scenario
	do       func(context.Context, definition, call) error
	passed   int
	err      error
}

// after is told about every step, including those that were never executed.
func (g *godogRun) after(ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
	switch {
	case g.err != nil:
	case status == godog.StepPassed:
		g.passed++
	case status == godog.StepUndefined:
		g.err = g.misread(undefined(st.Text))
	case status == godog.StepPending:
		g.err = fmt.Errorf("pending step: %s", st.Text)
	case status == godog.StepAmbiguous:
		g.err = g.misread(fmt.Errorf("ambiguous step: %w", err))
	case err != nil && !errors.Is(err, godog.ErrSkip):
		g.err = err
	default:
		g.err = fmt.Errorf("skipped step: %s", st.Text)
	}
	return ctx, err
}

// define registers d under its word. godog wants a function of as many strings
// as the expression captures, and finds out by reflection.
func (g *godogRun) define(sc *godog.ScenarioContext, d definition) {
	register := map[Word]func(any, any){Given: sc.Given, When: sc.When, Then: sc.Then}[d.word]
	run := func(ctx context.Context, table *godog.Table, args ...string) error {
		return g.execute(ctx, d, call{args: args, table: cells(table)})
	}
	var handler any
	switch captures := d.expr.NumSubexp(); {
	case captures == 0 && d.table:
		handler = func(ctx context.Context, table *godog.Table) error { return run(ctx, table) }
	case captures == 0:
		handler = func(ctx context.Context) error { return run(ctx, nil) }
	case captures == 1 && d.table:
		handler = func(ctx context.Context, a string, table *godog.Table) error { return run(ctx, table, a) }
	case captures == 1:
		handler = func(ctx context.Context, a string) error { return run(ctx, nil, a) }
	case captures == 2:
		handler = func(ctx context.Context, a, b string) error { return run(ctx, nil, a, b) }
	default:
		handler = func(ctx context.Context, a, b, c string) error { return run(ctx, nil, a, b, c) }
	}
	register(d.expr, handler)
}

// misread is an error of the sentence that comes next, with its place.
func (g *godogRun) misread(err error) error {
	return g.scenario.misread(g.scenario.Steps[min(g.passed, len(g.scenario.Steps)-1)], err)
}

// execute runs the step that comes next.
func (g *godogRun) execute(ctx context.Context, d definition, c call) error {
	c.text, c.at = g.scenario.Steps[g.passed].Text, g.scenario.Steps[g.passed].at()
	return execute(ctx, d, c, g.do)
}

func cells(table *godog.Table) [][]string {
	if table == nil {
		return nil
	}
	var rows [][]string
	for _, row := range table.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Value)
		}
		rows = append(rows, cells)
	}
	return rows
}

// feature is a feature file with this one scenario in it: outlines, rules and
// backgrounds have been resolved, so that godog can't select otherwise.
func feature(s Scenario) []byte {
	var b bytes.Buffer
	b.WriteString("Feature: one\n  Scenario: one\n")
	escape := strings.NewReplacer(`\`, `\\`, `|`, `\|`, "\n", `\n`)
	for _, step := range s.Steps {
		fmt.Fprintf(&b, "    %s %s\n", step.Word, step.Text)
		for _, row := range step.Table {
			b.WriteString("      |")
			for _, cell := range row {
				fmt.Fprintf(&b, " %s |", escape.Replace(cell))
			}
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}
