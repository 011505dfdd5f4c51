package steps

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// claims is all that a Then gets: it can write down what is expected, and
// nothing else.
type claims struct {
	rec  *conformance.Recorder
	from int // N where the When began
}

// expect writes down that the states of pstat that client saw since the When
// are rows, in the sense of form.
func (c *claims) expect(form conformance.Form, client string, rows []conformance.Row, text string) error {
	e := conformance.Expectation{Text: text, Form: form, Client: client, From: c.from, Rows: rows}
	if err := e.Validate(); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	c.rec.Expect(e)
	return nil
}

// path expects the rows of a table.
func (c *claims) path(form conformance.Form, client string, use call) error {
	rows, err := rowsOf(use.table)
	if err != nil {
		return fmt.Errorf("%s: %w", use.text, err)
	}
	return c.expect(form, client, rows, use.text)
}

// unchanged expects the state before the When, and no other.
func (c *claims) unchanged(text string) error {
	p, ok := c.before(privileged)
	if !ok {
		return untestable("pstat was not seen before the stimulus")
	}
	row := conformance.Row{TM: p.TM.String(), CM: p.CM.String(), DOS: p.DOS.String()}
	return c.expect(conformance.Exactly, privileged, []conformance.Row{row}, text)
}

// before is what the named Client saw last before the When.
func (c *claims) before(client string) (ocf.Pstat, bool) {
	tl := c.rec.Timeline()
	tl.Observations = tl.Observations[:c.from]
	return latest(tl.Samples(), client)
}

// rowsOf reads a table with the columns tm, cm and dos, in any order; a column
// that is left out is "*".
func rowsOf(table [][]string) ([]conformance.Row, error) {
	if len(table) < 2 {
		return nil, fmt.Errorf("expected a table of a heading and at least one state")
	}
	var rows []conformance.Row
	for _, cells := range table[1:] {
		row := conformance.Row{TM: "*", CM: "*", DOS: "*"}
		for i, heading := range table[0] {
			switch strings.TrimSpace(heading) {
			case "tm":
				row.TM = cells[i]
			case "cm":
				row.CM = cells[i]
			case "dos":
				row.DOS = cells[i]
			default:
				return nil, fmt.Errorf("unknown column %q, expected tm, cm or dos", heading)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
