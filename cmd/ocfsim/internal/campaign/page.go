package campaign

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/reports"
)

//go:embed page.html page.css page.js
var pageFiles embed.FS

// pageTemplate parses the template once.
var pageTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page.html").Funcs(template.FuncMap{
		"clean": func(text string) string { return ocf.Visible(ocf.Short(text, 300)) }, "counted": Counted, "devices": func(n int) string { return ocf.Count(n, "Device") }, "judged": judgedText,
		"shares": newShares, "took": took, "shortly": shortly,
	}).ParseFS(pageFiles, "page.html")
})

// mostRows is how many groups a page shows.
const mostRows = 200

// page is what report.html shows.
type page struct {
	*Summary
	Dress        reports.Dress
	Title        string
	Stamp, Class string // the whole in a few words, and its colour
	Counted      string
	Shares       shares
	Progress     template.HTML // hides that of the Summary
	Histograms   []histogramView
	Groups       []Group // hides that of the Summary
	MoreGroups   int
}

// histogramView is how long something took.
type histogramView struct {
	Name    string
	Of      *Distribution
	Picture template.HTML
}

// Page writes the report as one page of HTML, which loads nothing from elsewhere and can be
// read without its script.
func (s *Summary) Page(w io.Writer) error {
	style, errStyle := pageFiles.ReadFile("page.css")
	script, errScript := pageFiles.ReadFile("page.js")
	err := errors.Join(errStyle, errScript)
	if err != nil {
		return err
	}
	p := page{
		Summary: s, Title: ocf.Visible(ocf.Short(s.Name, 200)), Counted: Counted(s.Counts), Shares: newShares(s.Counts),
		Progress: drawProgress(s), Groups: s.Groups[:min(len(s.Groups), mostRows)],
	}
	p.MoreGroups = len(s.Groups) - len(p.Groups)
	p.Stamp, p.Class = s.stamp()
	if p.Dress, err = reports.NewDress(string(style), string(script)); err != nil {
		return err
	}
	for _, h := range []histogramView{{Name: "update", Of: s.Update}, {Name: "validation", Of: s.Validation}, {Name: "from first to last", Of: s.Whole}, {Name: "answer to a request", Of: s.RTT}} {
		if h.Of == nil {
			continue
		}
		if h.Picture, err = drawHistogram(h.Name, h.Of); err != nil {
			return fmt.Errorf("the histogram %q: %w", h.Name, err)
		}
		p.Histograms = append(p.Histograms, h)
	}
	t, err := pageTemplate()
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

// stamp is what the campaign came to, in a few words.
func (s *Summary) stamp() (says, class string) {
	switch n := s.Failures(); {
	case s.Interrupted:
		return "interrupted", "inconclusive"
	case s.Stopped != "":
		return "stopped", "fail"
	case n > 0:
		return fmt.Sprintf("%d in trouble", n), "fail"
	}
	return "complete", "pass"
}

// shares are the verdicts of some Devices, as a bar of 1000 shows them.
type shares struct {
	Says  string
	Parts []part
}

// part is one verdict of a bar.
type part struct {
	Verdict Verdict
	Count   int
	X, W    float64
}

func newShares(counts map[Verdict]int) shares {
	all, sum := shares{Says: Counted(counts)}, 0
	for _, n := range counts {
		sum += n
	}
	x := 0.0
	for _, v := range Verdicts() {
		w := 1000 * float64(counts[v]) / float64(max(sum, 1))
		all.Parts = append(all.Parts, part{v, counts[v], x, w})
		x += w
	}
	return all
}
