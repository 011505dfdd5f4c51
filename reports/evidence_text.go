package reports

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// pathRowsTold limits how many states of a path a text shows.
const pathRowsTold = 9

// evidence writes what a finding is based on, for the person who has to find the
// bug: what was asked, the expected path beside the observed one, the sentence, and
// the messages.
func (t text) evidence(x fault) {
	t.entry("asked", x.Asked)
	if rows := pathLines(x.Path, t.style.Width-15); len(rows) > 0 {
		for i, l := range rows {
			name := ""
			if i == 0 {
				name = "path"
			}
			t.raw(name, l)
		}
	}
	for _, q := range x.Quotes {
		t.entry("sentence", fmt.Sprintf("“%s” (%s)", q.Text, q.Lines))
	}
	width := 0
	for _, f := range x.Frames {
		width = max(width, utf8.RuneCountInString(f.At))
	}
	for i, f := range x.Frames {
		name, mark := "", " "
		if i == 0 {
			name = "frames"
		}
		if f.Decides {
			mark = "▶"
		}
		who := ""
		if f.Client != "" && f.Client != "privileged" {
			who = f.Client + ": "
		}
		head := fmt.Sprintf("%s %*s %s ", mark, width, f.At, f.Arrow)
		indent := utf8.RuneCountInString(head)
		for k, l := range wrap(who+f.Says, max(t.style.Width-15-indent, 20)) {
			if k > 0 {
				head, name = strings.Repeat(" ", indent), ""
			}
			t.raw(name, head+l)
		}
	}
	t.entry("record", x.Record)
}

// raw writes a line that is already laid out. It cuts off what does not fit.
func (t text) raw(name, line string) {
	t.line(strings.TrimRight(fmt.Sprintf("    %-10s %s", name, clip(line, t.style.Width-15)), " "))
}

// pathLines lays out a path in columns: expected, observed, time, and a mark where
// the two diverge. It leaves out the time of a line that would be wider than width.
func pathLines(v pathView, width int) []string {
	rows := nearMark(v.Rows)
	if len(rows) == 0 {
		return nil
	}
	both := slices.ContainsFunc(rows, func(r pathRow) bool { return r.Want != nil })
	widths := stateWidths(rows)
	heads := stateText(&stateView{TM: "tm", CM: "cm", DOS: "dos"}, widths)
	want, seen := []string{"expected", heads}, []string{"observed", heads}
	for _, r := range rows {
		want = append(want, stateText(r.Want, widths))
		seen = append(seen, stateText(r.Seen, widths))
	}
	wantWidth, seenWidth := columns(want), columns(seen)
	lines := []string{}
	for i := range want {
		mark, mid, after := " ", " ", ""
		if i >= 2 {
			mark, mid, after = rows[i-2].told(both)
		}
		line := mark + " "
		if both {
			line += pad(want[i], wantWidth) + " " + mid + " "
		}
		line += pad(seen[i], seenWidth)
		if _, remark, ok := strings.Cut(after, "  "); ok && utf8.RuneCountInString(line+after)+2 > width {
			after = remark
		}
		lines = append(lines, strings.TrimRight(line+"  "+after, " "))
	}
	return lines
}

// told returns the texts before, between and after the two states of r.
func (r pathRow) told(both bool) (mark, mid, after string) {
	mark, mid = " ", " "
	switch {
	case both && r.Class != "same" && (r.Want != nil || r.Mark != ""):
		mid = "≠"
	case r.Want != nil:
		mid = "="
	}
	after, _, _ = strings.Cut(r.At, " … ")
	switch {
	case r.Mark == "" && r.Class == "unseen":
		after += "  not seen"
	case r.Mark != "":
		mark = "▶"
		after += "  ◀ " + strings.TrimSuffix(r.Mark, ":")
	}
	return mark, mid, after
}

// nearMark returns the rows around the first marked row.
func nearMark(rows []pathRow) []pathRow {
	if len(rows) <= pathRowsTold {
		return rows
	}
	at := max(slices.IndexFunc(rows, func(r pathRow) bool { return r.Mark != "" }), 0)
	from := min(max(at-pathRowsTold/2, 0), len(rows)-pathRowsTold)
	return rows[from : from+pathRowsTold]
}

// stateWidths returns the widths of the columns tm, cm and dos.
func stateWidths(rows []pathRow) [3]int {
	w := [3]int{2, 2, 3}
	for _, r := range rows {
		for _, s := range []*stateView{r.Want, r.Seen} {
			if s == nil {
				continue
			}
			for i, text := range []string{s.TM, s.CM, s.DOS} {
				w[i] = max(w[i], utf8.RuneCountInString(text))
			}
		}
	}
	return w
}

func stateText(s *stateView, w [3]int) string {
	if s == nil {
		return "nothing"
	}
	return pad(s.TM, w[0]) + " " + pad(s.CM, w[1]) + " " + pad(s.DOS, w[2])
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

func columns(all []string) int {
	n := 0
	for _, s := range all {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}
