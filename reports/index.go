package reports

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"path"
	"path/filepath"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/durable"
)

// IndexSchema is the value of schema in index.json.
const IndexSchema = "ocfsim.index/1"

// The names of the index files.
const (
	IndexFile     = "index.json"
	IndexPageFile = "index.html"
)

// Entry is the report of one target in Folder, a slash-separated path relative to
// the index. Rerun and Timelines may be nil. Whole is nil where Report is whole; else
// Report is what Brief makes of what Whole returns. Redraw is the command that draws the
// page of the target with all that was recorded; where it is set, the page that Save writes
// draws only what did not pass.
type Entry struct {
	Folder    string
	Report    assess.Report
	Rerun     Rerun
	Timelines Timelines
	Whole     func() (assess.Report, error)
	Redraw    string
}

// whole is e with the whole report.
func (e Entry) whole() (Entry, error) {
	if e.Whole == nil {
		return e, nil
	}
	var err error
	e.Report, err = e.Whole()
	e.Whole = nil
	return e, err
}

// indexFile is index.json.
type indexFile struct {
	Schema  string              `json:"schema"`
	Verdict conformance.Verdict `json:"verdict"`
	Targets []indexTarget       `json:"targets"`
}

type indexTarget struct {
	Name      string                      `json:"name"`
	Endpoint  string                      `json:"endpoint"`
	DI        string                      `json:"di"`
	Folder    string                      `json:"folder"`
	Verdict   conformance.Verdict         `json:"verdict"`
	Reason    string                      `json:"reason,omitempty"`
	Selection *assess.Selection           `json:"selection,omitempty"` // how much of the suite was run; absent for all of it
	DurationS float64                     `json:"duration_s"`
	Counts    map[conformance.Verdict]int `json:"counts"`
}

// IndexJSON writes index.json for several targets. Its verdict is the worst of
// theirs, or an error if there are none.
func IndexJSON(w io.Writer, entries []Entry) error {
	f := indexFile{Schema: IndexSchema, Verdict: worst(entries), Targets: []indexTarget{}}
	for _, e := range entries {
		r := complete(e.Report)
		f.Targets = append(f.Targets, indexTarget{
			Name: r.Target.Name, Endpoint: r.Target.Endpoint, DI: r.Target.DI, Folder: e.Folder,
			Verdict: r.Verdict, Reason: r.Reason, Selection: r.Selection, DurationS: r.DurationS, Counts: r.Counts,
		})
	}
	out, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("index.json: %w", err)
	}
	if _, err := w.Write(append(out, '\n')); err != nil {
		return fmt.Errorf("write index.json: %w", err)
	}
	return nil
}

func worst(entries []Entry) conformance.Verdict {
	v := conformance.None
	for _, e := range entries {
		v = conformance.Worst(v, judged(e.Report.Verdict))
	}
	if v == conformance.None {
		return conformance.Error
	}
	return v
}

// WriteIndex writes index.html and then index.json into dir, which must exist. If the first
// can't be written, the second is not.
func WriteIndex(dir string, entries []Entry) error {
	err := durable.WriteFile(filepath.Join(dir, IndexPageFile), durable.Readable, func(w io.Writer) error { return Index(w, entries) })
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(dir, IndexFile), durable.Readable, func(w io.Writer) error { return IndexJSON(w, entries) })
}

// indexPage is what index.html shows.
type indexPage struct {
	Style   template.CSS
	Script  template.JS
	Verdict conformance.Verdict
	Title   string
	Targets []indexRow
	// Selected says how much of the suite the runs were; it is empty for all of it.
	Selected string
	Matrix   matrix // requirements by targets
}

// indexRow is one target.
type indexRow struct {
	Report  assess.Report
	Page    string // path of the target's report.html
	Tallies []tally
	Sum     string

	Security string
}

// Selected says how much of the suite was run; it is empty for all of it.
func (r indexRow) Selected() string { return selected(r.Report) }

// DurationText says how long the run against the target took.
func (r indexRow) DurationText() string { return took(r.Report.DurationS) }

// Index writes index.html for several targets: a row for each target, and the matrix
// of requirements by targets.
func Index(w io.Writer, entries []Entry) error {
	p := indexPage{Verdict: worst(entries), Title: fmt.Sprintf("%d targets", len(entries))}
	if same, says := selections(entries); same {
		p.Selected = says
	} else if says != "" {
		p.Selected = "SELECTION: not the whole suite for each target"
	}
	var all []assess.Report
	for _, e := range entries {
		all = append(all, e.Report)
	}
	says := clausesOf(assess.SentencesOf(all...))
	for i, e := range entries {
		r := complete(e.Report)
		row := indexRow{Report: r, Tallies: tallies(r.Counts), Sum: sentence(r.Counts)}
		row.Report.Target.Name, row.Report.Target.Endpoint = clean(r.Target.Name), clean(r.Target.Endpoint)
		row.Report.Reason = clean(r.Reason)
		row.Security = security(r)
		row.Page = PageFile
		if e.Folder != "" {
			row.Page = path.Join(e.Folder, PageFile)
		}
		p.Targets = append(p.Targets, row)
		p.Matrix.Columns = append(p.Matrix.Columns, column{
			ID: row.Report.Target.Name, Name: row.Report.Target.Endpoint, Anchor: row.Page, Verdict: r.Verdict,
			Label: squeeze(row.Report.Target.Name, headingLetters), Find: find(r.Target.Name, r.Target.Endpoint),
		})
		p.Matrix.across(i, row, says)
	}
	for i := range p.Matrix.Rows {
		r := &p.Matrix.Rows[i]
		for len(r.Cells) < len(entries) {
			r.Cells = append(r.Cells, cell{})
		}
	}
	var err error
	if p.Style, p.Script, err = assets(); err != nil {
		return err
	}
	return render(w, "index.html", p)
}

// across fills column i of a matrix of requirements by targets.
func (m *matrix) across(i int, target indexRow, says clauses) {
	for _, r := range target.Report.Requirements {
		id := clean(r.ID)
		at := slices.IndexFunc(m.Rows, func(row matrixRow) bool { return row.ID == id })
		if at < 0 {
			at = len(m.Rows)
			m.Rows = append(m.Rows, matrixRow{
				ID: id, Anchor: anchor("req-", r.ID), Says: says[r.ID].Says, Verdict: conformance.None,
				Find: find(r.ID, says[r.ID].Says, string(r.Level)),
			})
		}
		row := &m.Rows[at]
		row.Verdict = conformance.Worst(row.Verdict, r.Verdict)
		for len(row.Cells) <= i {
			row.Cells = append(row.Cells, cell{})
		}
		c := &row.Cells[i]
		c.Verdict = r.Verdict
		c.Title = clip(fmt.Sprintf("%s of %s: %s %s", id, target.Report.Target.Name, r.Verdict, clean(r.Reason)), 240)
		c.Anchor = target.Page
	}
}
