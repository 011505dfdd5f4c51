package steps

import (
	"context"
	"fmt"
	"regexp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Definition is a sentence that somebody outside this package adds to the
// language of feature files. A package of sentences has a function that returns
// its Definitions, for Config.Sentences or for that of package suite.
//
// A Given or a When has Do, which drives the Device. A Then has Expect, which
// writes down what is expected of the record and can't send anything: by then the
// scenario has been concluded, and what is judged is the record.
type Definition struct {
	Word Word
	// Text is a regular expression (RE2) for the whole sentence, without its word.
	// What its groups capture are the Args of a Use: at most three, and with a
	// table at most one.
	Text string
	// Table says that a table follows the sentence.
	Table bool
	// Do returns an error where the harness or its surroundings fail, and NotTestable
	// where they don't let the sentence be tried. What the Device does wrong is no
	// error: it is in the record.
	Do     func(ctx context.Context, t *Trial, use Use) error
	Expect func(c *Claims, use Use) error
}

// Use is one use of a Definition in a scenario.
type Use struct {
	Text  string     // the sentence as it stands there
	Args  []string   // what the groups of the expression captured
	Table [][]string // rows of cells, the heading first; nil without a table
}

// Rows are the states that a table with the columns tm, cm and dos lists. A
// column that is left out is "*", any.
func (u Use) Rows() ([]conformance.Row, error) { return rowsOf(u.Table) }

// NotTestable is the error of a sentence that the surroundings do not let be
// tried. It makes the scenario inconclusive: neither the Device nor the harness
// is to blame.
func NotTestable(format string, args ...any) error { return untestable(format, args...) }

// Claims is what the Expect of a Then has: it can write down what is expected.
type Claims struct {
	in   *claims
	text string
	made int
}

// Expect writes down that the states of pstat that the named Client saw since the
// When are rows, in the sense of form. An empty name is of every Client. A sentence may
// expect several things, and has to expect something.
func (c *Claims) Expect(form conformance.Form, client string, rows ...conformance.Row) error {
	c.made++
	return c.in.expect(form, client, rows, c.text)
}

// Before is pstat as the named Client saw it last before the When; false where it
// did not see it.
func (c *Claims) Before(client string) (ocf.Pstat, bool) { return c.in.before(client) }

// inside is d as this package has its own.
func (d Definition) inside() (definition, error) {
	made := definition{word: d.Word, text: d.Text, table: d.Table}
	expr, err := regexp.Compile("^" + d.Text + "$")
	if err != nil {
		return made, err
	}
	switch groups := expr.NumSubexp(); {
	case groups > 3:
		return made, fmt.Errorf("%d groups, expected at most 3", groups)
	case groups > 1 && d.Table:
		return made, fmt.Errorf("%d groups before a table, expected at most 1", groups)
	}
	switch d.Word {
	case Given, When:
		if d.Do == nil || d.Expect != nil {
			return made, fmt.Errorf("a %s has Do, and no Expect", d.Word)
		}
		made.act = func(ctx context.Context, t *trial, c call) error { return d.Do(ctx, &Trial{t}, use(c)) }
	case Then:
		if d.Expect == nil || d.Do != nil {
			return made, fmt.Errorf("a %s has Expect, and no Do", d.Word)
		}
		made.claim = func(c *claims, at call) error {
			own := &Claims{in: c, text: at.text}
			if err := d.Expect(own, use(at)); err != nil {
				return err
			}
			if own.made == 0 {
				return fmt.Errorf("%s: the sentence expects nothing", at.text)
			}
			return nil
		}
	default:
		return made, fmt.Errorf("unknown word %q, expected %s, %s or %s", d.Word, Given, When, Then)
	}
	return made, nil
}

// use is c as a Definition gets it.
func use(c call) Use { return Use{Text: c.text, Args: c.args, Table: c.table} }
