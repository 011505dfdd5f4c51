package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/clause"
	"github.com/ocfsim/ocfsim/conformance/edition"
)

// withClauses is the list of requirements with the clauses that each bears on.
func withClauses(t table) (table, error) {
	rows, ok := t.rows.([]requirementRow)
	if !ok {
		return t, errors.New("--clauses is for the list of requirements")
	}
	t.header = append(t.header, "BEARS ON ("+strings.ToUpper(clause.Reading)+")")
	for i := range rows {
		for _, ref := range clause.Of(rows[i].ID) {
			rows[i].Clauses = append(rows[i].Clauses, ref.String())
		}
		t.cells[i] = append(t.cells[i], strings.Join(rows[i].Clauses, "; "))
	}
	return t, nil
}

// clauseRow is a row of `list clauses --json`.
type clauseRow struct {
	Document string `json:"document"`
	Title    string `json:"title"`
	clause.Clause
	Reading string `json:"reading"`
}

// clauseTable is what requirements show of other standards and laws, and what they do not.
func clauseTable(*edition.Edition) (table, error) {
	rows := []clauseRow{}
	for _, d := range clause.Documents() {
		for _, c := range d.Clauses {
			rows = append(rows, clauseRow{d.ID, d.Title, c, clause.Reading})
		}
	}
	return table{rows: rows, text: func(w io.Writer) error {
		_, err := io.WriteString(w, clauseText())
		return err
	}}, nil
}

// clauseText is the map for people.
func clauseText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "This is %s. A verdict here is no verdict there.\n", clause.Reading)
	for _, d := range clause.Documents() {
		fmt.Fprintf(&b, "\n%s\n", d.Title)
		for _, c := range d.Clauses {
			fmt.Fprintf(&b, "\n  %s %s: %s\n", d.ID, c.ID, c.Says)
			if len(c.Requirements) > 0 {
				fmt.Fprintf(&b, "    requirements  %s\n    they show     %s\n", strings.Join(c.Requirements, " "), c.Shows)
			}
			fmt.Fprintf(&b, "    stays open    %s\n", c.Open)
		}
	}
	return b.String()
}
