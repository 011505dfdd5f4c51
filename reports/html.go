package reports

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"sync"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Timelines reads the timeline of a scenario by its path in results.json. If the
// error wraps conformance.ErrTruncated, the part that could be read is used.
type Timelines func(timeline string) (conformance.Timeline, error)

// Rerun returns the command that runs one scenario again.
type Rerun func(scenario string) string

//go:embed page
var pageFiles embed.FS

// pages parses the templates once.
var pages = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"letter": letter, "class": class, "clean": clean, "chips": newChips, "policy": policy, "link": func(id string) string { return anchor("req-", id) },
	}).ParseFS(pageFiles, "page/*.html")
})

// page is what report.html shows.
type page struct {
	Style        template.CSS
	Script       template.JS
	Title        string
	Report       assess.Report
	Sentence     string
	Requirements []requirementView
	Tallies      []tally
	Guides       []guide
	Concerns     []concern
	Waivers      []waiverView
	Matrix       part
	Causes       []causeView
	Features     []featureView
	Outcomes     []tally // of the scenarios
	Chunks       []chunk
}

// Folded reports whether there is more than what stands open.
func (p page) Folded() bool { return len(p.Chunks) > 0 }

// chips are the boxes by which a filter chooses verdicts.
type chips struct {
	Legend, Name string
	Tallies      []tally
}

func newChips(legend, name string, of []tally) chips { return chips{legend, name, of} }

// Fine reports whether the run may be called a success.
func (p page) Fine() bool {
	code, _ := Exit(p.Report.Verdict)
	return code == 0
}

// Selected says how much of the suite the run was; it is empty for all of it.
func (p page) Selected() string { return selected(p.Report) }

// Means says what the verdict means.
func (p page) Means() string {
	_, means := conclusion(p.Report.Verdict, p.Report)
	return means
}

// Started is when the run began.
func (p page) Started() string { return p.Report.Started.UTC().Format("2006-01-02 15:04:05 UTC") }

// Security says how the harness gained access to the target.
func (p page) Security() string { return security(p.Report) }

// Duration is how long the run took.
func (p page) Duration() string { return took(p.Report.DurationS) }

// PageFile is the name of the page in the folder of a target.
const PageFile = "report.html"

// pageFormat is report.html, for people. It is only a file, because a terminal
// cannot show a page.
func pageFormat() Format {
	return Format{Name: "html", File: PageFile, Write: func(w io.Writer, target Entry) error {
		return writePage(w, target)
	}}
}

// HTML writes rep as one self-contained page, which loads nothing from elsewhere.
// timelines and rerun may be nil; then there are no pictures or no commands.
// Whatever a Device sent appears only as text.
func HTML(w io.Writer, rep assess.Report, timelines Timelines, rerun Rerun) error {
	return writePage(w, Entry{Report: rep, Timelines: timelines, Rerun: rerun})
}

func writePage(w io.Writer, target Entry) error {
	rep, rerun := complete(target.Report), target.Rerun
	b := newBook(rep, assess.SentencesOf(rep))
	zip := &packer{}
	rest := later{kind: "text", packer: zip}
	p := page{
		Title: clean(rep.Target.Name), Sentence: sentence(rep.Counts), Requirements: b.requirements(),
		Tallies: tallies(rep.Counts), Guides: guides(), Concerns: b.concerns(rerun), Waivers: b.waivers(),
		Outcomes: tallies(scenarioCounts(rep.Scenarios)),
	}
	var err error
	if p.Matrix, err = rest.put("matrix", b.matrix()); err != nil {
		return err
	}
	for i := range p.Requirements {
		if target.Redraw != "" {
			p.Requirements[i].merge()
		}
		if err := p.Requirements[i].fold(&rest); err != nil {
			return err
		}
	}
	e := exhibits{book: b, target: target, pictures: later{kind: "picture", packer: zip}, tables: later{kind: "table", packer: zip}}
	if err := errors.Join(e.show(), rest.pack(), e.pictures.pack(), e.tables.pack()); err != nil {
		return err
	}
	p.Causes, p.Features, p.Chunks = e.causes, e.features, slices.Concat(rest.chunks, e.pictures.chunks, e.tables.chunks)
	t := &rep.Target
	t.Name, t.Endpoint, t.DI, t.Owning = clean(t.Name), clean(t.Endpoint), clean(t.DI), clean(t.Owning)
	t.Expired = clean(t.Expired)
	rep.Reason = clean(rep.Reason)
	p.Report = rep
	if p.Style, p.Script, err = assets(); err != nil {
		return err
	}
	return render(w, "report.html", p)
}

// assets returns the style sheet and the script that are part of every page.
func assets() (template.CSS, template.JS, error) {
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return "", "", err
	}
	script, err := pageFiles.ReadFile("page/page.js")
	if err != nil {
		return "", "", err
	}
	return template.CSS(style), template.JS(script), nil
}

// policy is the Content-Security-Policy of a page: it loads nothing, and runs its own script
// and no other, not even one that would get past the escaping.
func policy(script template.JS) string {
	sum := sha256.Sum256([]byte(script))
	return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:"
}

func render(w io.Writer, name string, data any) error {
	out := bufio.NewWriterSize(w, 1<<16)
	if err := execute(out, name, data); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
