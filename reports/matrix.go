package reports

import (
	"html/template"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// matrix shows verdicts by requirement and scenario.
type matrix struct {
	Groups  []group
	Columns []column
	Rows    []matrixRow
}

// headingLetters is how many letters of an id fit into a heading.
const headingLetters = 31

// group is a run of scenarios whose ids have the same first part.
type group struct {
	Name string
	Span int
}

// column is a scenario.
type column struct {
	ID, Anchor, Name, Feature string
	Verdict                   conformance.Verdict
	Label                     string // the part of the id that the heading shows
	Begins                    bool   // this column begins a group
	Find                      string
}

// matrixRow is a requirement.
type matrixRow struct {
	ID, Anchor, Says string
	Verdict          conformance.Verdict
	Cells            []cell
	Find             string
}

// cell is what one scenario says about one requirement. If Verdict is zero and
// Tagged is true, the scenario was written for the requirement but concluded
// nothing.
type cell struct {
	Verdict conformance.Verdict
	Tagged  bool
	Title   string
	Anchor  string // in the index, where it leads to
	Begins  bool
}

// Letter is the text of the cell.
func (c cell) Letter() string { return letter(c.Verdict) }

// Tail returns the cells of the row. It does not use the template, for speed: a matrix has
// tens of thousands of cells, and most of them are empty. Where a letter leads to, the head
// of its column says, and page.js makes the link: written here, links would be five sixths
// of the matrix.
func (r matrixRow) Tail() template.HTML {
	var b strings.Builder
	for _, c := range r.Cells {
		begins := ""
		if c.Begins {
			begins = " begins"
		}
		if c.Verdict == conformance.None && !c.Tagged {
			b.WriteString("<td")
			if c.Begins {
				b.WriteString(` class="begins"`)
			}
			b.WriteString("></td>")
			continue
		}
		b.WriteString("<td class=\"cell " + class(c.Verdict) + begins + "\"><a")
		if c.Title != "" {
			b.WriteString(" title=\"" + template.HTMLEscapeString(c.Title) + "\"")
		}
		b.WriteString(">" + c.Letter() + "</a></td>")
	}
	return template.HTML(b.String())
}

func (b reportBook) matrix() matrix {
	var m matrix
	at := map[string]int{}
	for i, s := range b.rep.Scenarios {
		c := column{
			ID: clean(s.ID), Anchor: anchor("scn-", s.ID), Name: clean(s.Name), Feature: clean(s.Feature),
			Verdict: s.Verdict, Find: find(s.ID, s.Name, s.Feature, strings.Join(s.Tags, " ")),
		}
		first, rest, dotted := strings.Cut(c.ID, ".")
		if !dotted {
			first, rest = "", c.ID
		}
		c.Label = squeeze(rest, headingLetters)
		if n := len(m.Groups); n == 0 || m.Groups[n-1].Name != first {
			m.Groups = append(m.Groups, group{Name: first})
			c.Begins = true
		}
		m.Groups[len(m.Groups)-1].Span++
		m.Columns = append(m.Columns, c)
		at[s.ID] = i
	}
	for _, r := range b.rep.Requirements {
		m.Rows = append(m.Rows, b.row(r, m.Columns, at))
	}
	return m
}

func (b reportBook) row(r assess.RequirementResult, columns []column, at map[string]int) matrixRow {
	text := b.clauses[r.ID]
	row := matrixRow{
		ID: clean(r.ID), Anchor: anchor("req-", r.ID), Says: text.Says, Verdict: r.Verdict,
		Cells: make([]cell, len(columns)), Find: find(r.ID, text.Says, string(r.Level), string(r.Verdict)),
	}
	for i, c := range columns {
		row.Cells[i].Begins = c.Begins
	}
	for i, s := range b.rep.Scenarios {
		for _, id := range s.Requirements {
			if id == r.ID {
				c := &row.Cells[i]
				c.Tagged, c.Title = true, clean(r.ID)+": nothing concluded"
			}
		}
	}
	for _, f := range r.Findings {
		i, ok := at[f.Scenario]
		if !ok || f.Verdict == conformance.None {
			continue
		}
		c := &row.Cells[i]
		if severity(f.Verdict) <= severity(c.Verdict) && c.Verdict != conformance.None {
			continue
		}
		c.Verdict = f.Verdict
		c.Title = ""
		if !good(f.Verdict) { // else the requirement and the scenario say it, and the letter is enough
			c.Title = clip(clean(r.ID+": "+string(f.Verdict)+why(f)), 240)
		}
	}
	return row
}

func why(f conformance.Finding) string {
	if f.Reason != "" {
		return ": " + f.Reason
	}
	if f.Got != "" {
		return ": " + f.Got
	}
	return ""
}

// find returns the text that filters search, in lower case.
func find(words ...string) string { return strings.ToLower(clean(strings.Join(words, " "))) }
