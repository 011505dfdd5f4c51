package reports

import (
	"encoding/hex"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// A page shows whole what scenarios take in general. Of a longer record, and of one
// that is full, it shows the beginning, the end, and what lies around each decision.
const (
	mostRows     = 2000 // observations in a table, and in a picture
	mostRowsFull = 400  // the same of a record that is full
	mostFull     = 8    // records that are full, with a picture and a table
	rowsAround   = 10   // on either side of a decision
	rowsAtEnd    = 20

	mostText = 512 << 10 // bytes in the cells of a table, before they are cut short
	shortRow = 80        // characters of a cell that is cut short
)

// observationRow is one row of the table, or the gap where Left observations are left
// out.
type observationRow struct {
	Left         int
	N            int
	Anchor       string // set only if the observation decides something
	At           string
	Kind, Client string
	Head, Body   string
	Raw          string
	Decides      conformance.Verdict
}

// Summary says how many observations there are, and how many of them are shown.
func (s scenarioView) Summary() string {
	shown := 0
	for _, r := range s.Rows {
		if r.Left == 0 {
			shown++
		}
	}
	if shown < s.Observed {
		return fmt.Sprintf("%d of %d observations", shown, s.Observed)
	}
	return ocf.Count(s.Observed, "observation")
}

// beginning is tl with no more than its first n observations.
func beginning(tl conformance.Timeline, n int) conformance.Timeline {
	n = min(n, len(tl.Observations))
	tl.Observations = tl.Observations[:n:n]
	return tl
}

// chosen returns which of n observations a table of about most rows shows.
func chosen(n, most int, marks []mark) map[int]bool {
	keep := map[int]bool{}
	add := func(from, upto int) {
		for i := max(from, 0); i < min(upto, n); i++ {
			keep[i] = true
		}
	}
	add(0, most)
	add(n-rowsAtEnd, n)
	for _, m := range marks {
		add(m.N-rowsAround, m.N+rowsAround+1)
	}
	return keep
}

// rowsOf returns the table of tl, with the observations that decided something marked.
func rowsOf(prefix string, tl conformance.Timeline, marks []mark, most int, bytes bool) []observationRow {
	decides := map[int]mark{}
	for _, m := range marks {
		decides[m.N] = m
	}
	keep := chosen(len(tl.Observations), most, marks)
	out := make([]observationRow, 0, len(keep))
	left, text := 0, 0
	for i, o := range tl.Observations {
		if !keep[i] {
			left++
			continue
		}
		if left > 0 {
			out = append(out, observationRow{Left: left})
			left = 0
		}
		r := observationRow{
			N: i, At: clock(o.At),
			Kind: string(o.Kind), Client: clean(o.Client), Head: clean(headline(o) + packet(o)), Body: clean(content(o)),
		}
		if bytes {
			r.Raw = rawText(o.Frame)
		}
		if text += len(r.Body) + len(r.Raw); text > mostText {
			r.Body, r.Raw = clip(r.Body, shortRow), clip(r.Raw, shortRow)
		}
		if m, ok := decides[i]; ok {
			r.Decides, r.Anchor = m.Verdict, fmt.Sprintf("%s.%d", prefix, i)
		}
		out = append(out, r)
	}
	return out
}

// rawText returns the bytes of a datagram in hexadecimal, no more of them than are
// shown of any text.
func rawText(f *conformance.Frame) string {
	if f == nil {
		return ""
	}
	raw := f.Raw
	if len(raw) == 0 {
		raw = f.Payload
	}
	if len(raw) > longest/2 {
		return fmt.Sprintf("%x… (%d bytes)", []byte(raw[:longest/2]), len(raw))
	}
	return hex.EncodeToString(raw)
}

// Table returns the rows of the observations. It does not use the template, for speed: a
// run has tens of thousands. It escapes everything.
func (s scenarioView) Table() template.HTML {
	var b strings.Builder
	cell := func(class, text string) {
		b.WriteString("<td" + class + ">")
		template.HTMLEscape(&b, []byte(text))
		b.WriteString("</td>")
	}
	for _, r := range s.Rows {
		if r.Left > 0 {
			fmt.Fprintf(&b, "\n<tr class=\"gap\"><td colspan=\"7\">%d observations are left out; the timeline has them all</td></tr>", r.Left)
			continue
		}
		b.WriteString("\n<tr")
		if r.Anchor != "" {
			b.WriteString(` id="` + template.HTMLEscapeString(r.Anchor) + `"`)
		}
		b.WriteString(` class="k-` + template.HTMLEscapeString(r.Kind))
		if r.Decides != conformance.None {
			b.WriteString(" decides " + class(r.Decides))
		}
		b.WriteString(`"><td>` + strconv.Itoa(r.N) + "</td>")
		cell(` class="at"`, r.At)
		cell("", r.Kind)
		if r.Kind == string(conformance.Step) {
			cell(` colspan="4"`, r.Head)
		} else {
			cell("", r.Client)
			cell("", r.Head)
			cell(` class="text"`, r.Body)
			if s.Bytes {
				b.WriteString(`<td class="raw"><code>` + r.Raw + "</code></td>")
			}
		}
		b.WriteString("</tr>")
	}
	return template.HTML(b.String())
}
