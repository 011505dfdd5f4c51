package reports

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

func pageOf(t *testing.T, rep assess.Report, timelines Timelines) (*html.Node, string) {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, rep, timelines, rerun); err != nil {
		t.Fatal(err)
	}
	text := unpacked(t, b.String())
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc, text
}

var (
	packedChunk = regexp.MustCompile(`<script type="application/octet-stream" id="chunk-([^"]+)">([^<]*)</script>\n`)
	packedPlace = regexp.MustCompile(`<div class="later" data-part="([^".]+)\.(\d+)"></div>`)
)

// unpacked is the page when all has been opened that is packed.
func unpacked(t *testing.T, page string) string {
	t.Helper()
	parts := map[string][]string{}
	for _, m := range packedChunk.FindAllStringSubmatch(page, -1) {
		packed, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
		if err != nil {
			t.Fatal(err)
		}
		parts[m[1]] = strings.Split(string(plain), partEnd)
	}
	page = packedChunk.ReplaceAllString(page, "")
	for packedPlace.MatchString(page) { // what is packed may have a place for more
		page = packedPlace.ReplaceAllStringFunc(page, func(place string) string {
			m := packedPlace.FindStringSubmatch(place)
			var n int
			if _, err := fmt.Sscan(m[2], &n); err != nil || n >= len(parts[m[1]]) {
				t.Fatalf("%s: there is no such part", place)
			}
			return parts[m[1]][n]
		})
	}
	return page
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all returns the elements under n that have the tag and the class; "" stands for
// any.
func all(n *html.Node, tag, class string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (tag == "" || d.Data == tag) &&
			(class == "" || slices.Contains(strings.Fields(attr(d, "class")), class)) {
			out = append(out, d)
		}
	}
	return out
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func byID(t *testing.T, doc *html.Node, id string) *html.Node {
	t.Helper()
	for d := range doc.Descendants() {
		if d.Type == html.ElementNode && attr(d, "id") == id {
			return d
		}
	}
	t.Fatalf("no element has the id %q", id)
	return nil
}

func TestPageShowsEveryScenario(t *testing.T) {
	s := acme()
	doc, _ := pageOf(t, s.report, s.timeline)
	for _, r := range s.report.Scenarios {
		article := byID(t, doc, anchor("scn-", r.ID))
		svg := all(article, "svg", "")
		if len(svg) != 1 {
			t.Fatalf("%s has %d pictures", r.ID, len(svg))
		}
		drawn := textOf(svg[0])
		for _, lane := range []string{"time", "not to scale", "steps", "gate", "dos", "tm.V", "tm.U", "cm.V", "cm.U", me} {
			if !strings.Contains(drawn, lane) {
				t.Errorf("%s: the picture has no %s", r.ID, lane)
			}
		}
		text := textOf(article)
		for _, want := range []string{r.Name, r.Reason, rerun(r.ID)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", r.ID, want)
			}
		}
		rows := all(article, "details", "observations")
		if len(rows) != 1 || len(all(rows[0], "tr", ""))-1 != len(s.timelines[r.Timeline].Observations) {
			t.Errorf("%s: not every observation is in the table", r.ID)
		}
		if r.Verdict != conformance.Fail {
			continue
		}
		faults := all(article, "section", "fault")
		if len(faults) == 0 {
			t.Errorf("%s failed and has no fault", r.ID)
		}
		for _, f := range faults {
			if len(all(f, "div", "expected")) != 1 || len(all(f, "div", "observed")) != 1 || len(all(f, "blockquote", "clause")) == 0 ||
				len(all(f, "table", "path")) != 1 || len(all(f, "tr", "first")) != 1 {
				t.Errorf("%s: a fault lacks the expected, the observed, the clause, the path or its divergence:\n%s", r.ID, textOf(f))
			}
		}
	}
}

func TestPageMarksTheDecidingObservation(t *testing.T) {
	s := acme()
	doc, _ := pageOf(t, s.report, s.timeline)
	article := byID(t, doc, anchor("scn-", "svv.check-clears"))
	if len(all(article, "g", "deciding")) != 2 {
		t.Error("not every deciding observation is marked")
	}
	var said bool
	for _, g := range all(article, "g", "verdict") {
		said = said || strings.Contains(textOf(g), "FAIL SVV-4")
	}
	if !said {
		t.Error("the picture does not say what failed")
	}
	if len(all(article, "g", "held")) != 1 {
		t.Error("the gate is not drawn")
	}
}

func TestPageQuotesTheRequirements(t *testing.T) {
	s := acme()
	for _, r := range assess.Sentences() {
		if !slices.ContainsFunc(s.report.Requirements, func(q assess.RequirementResult) bool { return q.ID == r.ID }) {
			s.report.Requirements = append(s.report.Requirements, assess.RequirementResult{ID: r.ID, Level: r.Level, Verdict: conformance.NotApplicable})
		}
	}
	doc, _ := pageOf(t, s.report, s.timeline)
	for _, r := range assess.Sentences() {
		text := strings.Join(strings.Fields(textOf(byID(t, doc, anchor("req-", r.ID)))), " ")
		stands := "seed.txt " + lines(r.Lines)
		if r.Lines == "" {
			stands = r.Place // it is of a later edition
		}
		for _, want := range []string{r.ID, r.Says, r.Clause, r.PassIf, r.FailIf, string(r.Level), stands} {
			if want = strings.Join(strings.Fields(want), " "); !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", r.ID, want)
			}
		}
	}
}

func TestMatrixIsWhole(t *testing.T) {
	s := large(80)
	doc, text := pageOf(t, s.report, s.timeline)
	table := all(doc, "table", "matrix")[0]
	if got := len(all(table, "th", "col")); got != 80 {
		t.Errorf("%d columns", got)
	}
	rows := all(all(table, "tbody", "")[0], "tr", "")
	if len(rows) != len(s.report.Requirements) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		letters := map[string]int{}
		for _, td := range all(row, "td", "cell") {
			letters[textOf(td)]++
		}
		want := map[string]int{}
		for _, f := range s.report.Requirements[i].Findings {
			want[letter(f.Verdict)]++
		}
		delete(letters, "·")
		if fmt.Sprint(letters) != fmt.Sprint(want) {
			t.Errorf("row %s: %v, expected %v", s.report.Requirements[i].ID, letters, want)
		}
	}
	if len(text) > 8<<20 {
		t.Errorf("80 scenarios take %d bytes", len(text))
	}
}

// checkPage asserts what holds for every page: links lead somewhere, ids are unique,
// nothing is fetched, and no attribute runs a script.
func checkPage(t *testing.T, doc *html.Node, text string) {
	t.Helper()
	ids := map[string]bool{}
	for d := range doc.Descendants() {
		if id := attr(d, "id"); d.Type == html.ElementNode && id != "" {
			if ids[id] {
				t.Errorf("the id %q stands twice", id)
			}
			ids[id] = true
		}
	}
	for d := range doc.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"img", "iframe", "object", "embed", "base", "foreignObject"}, d.Data) {
			t.Errorf("a <%s> on the page", d.Data)
		}
		for _, a := range d.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "style":
				t.Errorf("<%s %s=%q>", d.Data, a.Key, a.Val)
			case a.Key != "href":
			case strings.HasPrefix(a.Val, "#"):
				if !ids[a.Val[1:]] {
					t.Errorf("%q leads nowhere", a.Val)
				}
			case d.Data == "link" && a.Val == "data:,":
			default:
				u, err := url.Parse(a.Val)
				if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, "..") {
					t.Errorf("a link to %q", a.Val)
				}
			}
		}
	}
	if n := len(all(doc, "script", "")); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if m := regexp.MustCompile(`ZgotmplZ|%!|<no value>`).FindString(text); m != "" {
		t.Errorf("the page says %q", m)
	}
}

func TestPageIsSound(t *testing.T) {
	for name, s := range map[string]sample{"sample": acme(), "large": large(80)} {
		t.Run(name, func(t *testing.T) {
			doc, text := pageOf(t, s.report, s.timeline)
			checkPage(t, doc, text)
		})
	}
}

func TestPageOfAHostileDevice(t *testing.T) {
	rep, timelines := hostile()
	rep.Scenarios = rep.Scenarios[:2] // a run has each id only once
	doc, text := pageOf(t, rep, timelines)
	checkPage(t, doc, text)
	title := strings.TrimSpace(textOf(all(doc, "title", "")[0]))
	if !strings.HasPrefix(title, `</title></script><script>alert(1)</script>`) || strings.ContainsAny(title, "\x1b\x00\u202e") {
		t.Errorf("the title reads %q", title)
	}
	if !strings.Contains(textOf(all(doc, "h1", "")[0]), `\x1b[31m\x00\u202e{{.}}`) {
		t.Errorf("the heading reads %q", textOf(all(doc, "h1", "")[0]))
	}
}

func TestPageOfAnUnfinishedRun(t *testing.T) {
	s := acme()
	cut := fmt.Errorf("timelines/x.jsonl:7: %w", conformance.ErrTruncated)
	broken := errors.New("timelines/x.jsonl:1: no header")
	doc, text := pageOf(t, Incomplete(s.report), func(name string) (conformance.Timeline, error) {
		switch {
		case strings.Contains(name, "ssu"):
			return s.timelines[name], cut
		case strings.Contains(name, "dpm"):
			return conformance.Timeline{}, broken
		}
		return s.timeline(name)
	})
	checkPage(t, doc, text)
	if !strings.Contains(textOf(all(doc, "header", "cover")[0]), "incomplete") {
		t.Error("the page does not say that the run is incomplete")
	}
	article := byID(t, doc, anchor("scn-", "ssu.update-succeeds"))
	if len(all(article, "svg", "")) != 1 || !strings.Contains(textOf(article), cut.Error()) {
		t.Error("a timeline that was cut off is not shown, or not said to be cut off")
	}
	article = byID(t, doc, anchor("scn-", "dpm.reserved-bits"))
	if !strings.Contains(textOf(article), broken.Error()) {
		t.Error("the page does not say why there is no picture")
	}
}

func TestPageOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, assess.Report{}, nil, nil); err != nil {
		t.Fatal(err)
	}
	text := unpacked(t, b.String())
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	checkPage(t, doc, text)
	if !strings.Contains(text, "No requirement was judged") || strings.Contains(text, "every applicable requirement passed") {
		t.Error("a run without requirements reads like a good one")
	}
}

func TestPageIsTheSameEachTime(t *testing.T) {
	s := acme()
	_, first := pageOf(t, s.report, s.timeline)
	if _, second := pageOf(t, s.report, s.timeline); first != second {
		t.Error("two pages of one report differ")
	}
}

func TestIndex(t *testing.T) {
	odd := newSample()
	odd.report.Target.Name = nasty
	odd.report.Requirements = odd.report.Requirements[3:]
	entries := []Entry{
		{Folder: "acme-lamp", Report: acme().report}, {Folder: "odd", Report: odd.conclude().report}, {Report: Incomplete(acme().report)},
	}
	var b bytes.Buffer
	if err := Index(&b, entries); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	checkPage(t, doc, text)
	var links []string
	for _, a := range all(byID(t, doc, "targets"), "a", "") {
		links = append(links, attr(a, "href"))
	}
	if want := []string{"acme-lamp/report.html", "odd/report.html", "report.html"}; !slices.Equal(links, want) {
		t.Errorf("links %q", links)
	}
	for _, row := range all(all(doc, "tbody", "")[1], "tr", "") {
		if n := len(all(row, "td", "")); n != len(entries) {
			t.Errorf("a row has %d cells", n)
		}
	}
	dir := t.TempDir()
	if err := WriteIndex(dir, entries); err != nil {
		t.Error(err)
	}
	if err := WriteIndex(filepath.Join(dir, "none"), entries); err == nil {
		t.Error("a missing folder went unnoticed")
	}
	if err := IndexJSON(io.Discard, nil); err != nil {
		t.Error(err)
	}
	if worst(nil) != conformance.Error || worst(entries[:1]) != conformance.Error {
		t.Error("the index of nothing, or of an error, is no error")
	}
}
