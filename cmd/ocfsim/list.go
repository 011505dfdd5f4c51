package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures"
)

// table is one list, for --json and for a person.
type table struct {
	rows   any // a slice of structs
	header []string
	cells  [][]string
	text   func(io.Writer) error // if set, writes the list instead of header and cells
}

// lists are all lists of `ocfsim list`, in the order in which its help names them.
var lists = []struct {
	name, says string
	make       func(*edition.Edition) (table, error)
}{
	{"requirements", "the testable sentences of the edition", requirementTable},
	{"clauses", "what they show of other standards and laws, in our reading", clauseTable},
	{"scenarios", "what the suite does with a Device", scenarioTable},
	{"behaviours", "scripts of virtual Devices (run --behaviour)", behaviourTable},
	{"variants", "compliant readings of ambiguous sentences (run --variant)", variantTable},
	{"deviations", "what deviant Devices do wrong (run --deviation)", deviationTable},
	{"flaws", "what can be wrong with a software package (package --flaw)", flawTable},
	{"faults", "what goes wrong at the trusted source (source --fault)", faultTable},
	{"editions", "editions of the standard (test --edition)", editionTable},
}

func newList() *cobra.Command {
	var asJSON, clauses bool
	var why, waivers, of string
	var names, help []string
	for _, l := range lists {
		names = append(names, l.name)
		help = append(help, fmt.Sprintf("  %-13s %s", l.name, l.says))
	}
	cmd := &cobra.Command{
		Use:   "list {" + strings.Join(names, "|") + "}",
		Short: "List requirements, clauses, scenarios, behaviours, variants, deviations, flaws, faults, editions",
		Long: "List one of\n\n" + strings.Join(help, "\n") + `

Requirements with --clauses also name what they bear on in other standards and laws.

With --why TARGET it says instead which requirements and scenarios do not apply
to a target or can't be tested on it, and why; with --waivers also which waivers
in a file apply to it today. Nothing is sent to the target.`,
		Example:   "  ocfsim list requirements\n  ocfsim list --why lamp.yaml --waivers waivers.yaml",
		ValidArgs: names,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := chosen(args, of, why, waivers)
			if err != nil {
				return usage(err)
			}
			if clauses {
				if t, err = withClauses(t); err != nil {
					return usage(err)
				}
			}
			return t.write(cmd.OutOrStdout(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write a JSON array")
	cmd.Flags().BoolVar(&clauses, "clauses", false, "of requirements: show also the clauses that they bear on, in our reading")
	cmd.Flags().StringVar(&of, "edition", "", "list what `EDITION` has (default: ocf-1.0)")
	cmd.Flags().StringVar(&why, "why", "", "explain what does not apply to `TARGET`, a target file or a URI")
	cmd.Flags().StringVar(&waivers, "waivers", "", "with --why: show which waivers in `FILE` apply to the target")
	return cmd
}

// chosen is the table that the arguments ask for.
func chosen(args []string, of, why, waivers string) (table, error) {
	switch {
	case why != "" && len(args) > 0:
		return table{}, fmt.Errorf("--why writes a list of its own: leave out %s", args[0])
	case why != "":
		return whyTable(why, waivers)
	case waivers != "":
		return table{}, fmt.Errorf("--waivers needs --why TARGET")
	}
	id, err := suite.EditionOf(of, nil)
	if err != nil {
		return table{}, err
	}
	for _, l := range lists {
		if len(args) > 0 && args[0] == l.name {
			return l.make(edition.Of(id))
		}
	}
	return table{}, fmt.Errorf("expected the name of a list, or --why TARGET")
}

// write shows t as columns, or its rows as JSON.
func (t table) write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(t.rows)
	}
	if t.text != nil {
		return t.text(w)
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(t.header, "\t"))
	for _, cells := range t.cells {
		fmt.Fprintln(tw, strings.TrimRight(strings.Join(cells, "\t"), "\t "))
	}
	return tw.Flush()
}

// requirementRow is a row of `list requirements --json`.
type requirementRow struct {
	ID       string              `json:"id"`
	Level    judge.Level         `json:"level"`
	Actor    string              `json:"actor"`
	Severity conformance.Verdict `json:"severity"`
	Lines    string              `json:"lines"`
	Says     string              `json:"says"`
	Needs    string              `json:"needs,omitempty"`
	Pass     string              `json:"pass"`
	Fail     string              `json:"fail"`
	Section  string              `json:"section"`
	Table    string              `json:"table,omitempty"`
	Clauses  []string            `json:"clauses,omitempty"` // with --clauses
}

func requirementTable(e *edition.Edition) (table, error) {
	t := table{header: []string{"ID", "LEVEL", "BREACH", "LINES", "NEEDS", "SAYS"}}
	rows := []requirementRow{}
	for _, r := range judge.Of(e) {
		place := r.Place()
		rows = append(rows, requirementRow{
			ID: r.ID, Level: r.Level, Actor: string(r.Actor), Severity: r.Severity, Lines: r.Lines, Says: r.Says, Needs: r.Needs.Bench,
			Pass: r.Verdicts.Pass, Fail: r.Verdicts.Fail, Section: place.Section, Table: place.Table,
		})
		t.cells = append(t.cells, []string{r.ID, string(r.Level), string(r.Severity), r.Lines, r.Needs.Bench, r.Says})
	}
	t.rows = rows
	return t, nil
}

// scenarioRow is a row of `list scenarios --json`.
type scenarioRow struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Feature      string   `json:"feature"`
	File         string   `json:"file"`
	Line         int      `json:"line"`
	Tags         []string `json:"tags"`
	Requirements []string `json:"requirements"`
}

func scenarioTable(e *edition.Edition) (table, error) {
	catalogue, err := steps.LoadFor(e, features.FS, judge.IDsOf(e))
	if err != nil {
		return table{}, harness(err)
	}
	t := table{header: []string{"ID", "TAGS", "NAME"}}
	rows := []scenarioRow{}
	for _, s := range catalogue.Scenarios {
		rows = append(rows, scenarioRow{s.ID, s.Name, s.Feature, s.File, s.Line, s.Tags, s.Requirements})
		t.cells = append(t.cells, []string{s.ID, strings.Join(s.Tags, " "), s.Name})
	}
	t.rows = rows
	return t, nil
}

// fixtureRow is a row of the lists of what virtual Devices are made of.
type fixtureRow struct {
	Name      string   `json:"name"`
	Says      string   `json:"says"`
	Breaks    []string `json:"breaks,omitempty"`    // requirements that it does not keep
	Behaviour string   `json:"behaviour,omitempty"` // of the Device with the deviation
}

func fixtureTable(rows []fixtureRow) table {
	t := table{rows: rows, header: []string{"NAME", "BREAKS", "SAYS"}}
	for _, r := range rows {
		t.cells = append(t.cells, []string{r.Name, strings.Join(r.Breaks, " "), r.Says})
	}
	return t
}

func behaviourTable(*edition.Edition) (table, error) {
	rows := []fixtureRow{}
	for _, b := range fixtures.Behaviours() {
		rows = append(rows, fixtureRow{Name: b.Name, Says: b.Says, Breaks: b.Breaks})
	}
	return fixtureTable(rows), nil
}

func variantTable(*edition.Edition) (table, error) {
	rows := []fixtureRow{}
	for _, v := range fixtures.Variants() {
		rows = append(rows, fixtureRow{Name: v.Name, Says: v.Says})
	}
	return fixtureTable(rows), nil
}

func deviationTable(e *edition.Edition) (table, error) {
	rows := []fixtureRow{}
	for _, d := range fixtures.DeviationsOf(e.ID) {
		rows = append(rows, fixtureRow{Name: d.Name, Says: d.Says, Breaks: d.Breaks, Behaviour: d.Behaviour})
	}
	return fixtureTable(rows), nil
}

func faultTable(*edition.Edition) (table, error) {
	all := fixtures.Faults()
	t := table{rows: all, header: []string{"NAME", "OVER", "NOTES", "UPDATE ENDS", "SAYS"}}
	for _, f := range all {
		t.cells = append(t.cells, []string{f.Name, strings.Join(f.Over, " "), strings.Join(f.Notes, " "), f.Compliant.Ends, f.Says})
	}
	return t, nil
}

func editionTable(*edition.Edition) (table, error) {
	var rows []fixtureRow
	for _, e := range edition.All() {
		says := e.Title
		if e.Mark != "" {
			says += "; " + e.Mark
		}
		rows = append(rows, fixtureRow{Name: e.ID, Says: says})
	}
	return fixtureTable(rows), nil
}
