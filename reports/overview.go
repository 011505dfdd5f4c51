package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Overview writes the summary of several targets: what did not pass, each
// requirement once with the targets that it concerns, then one line for each target,
// and what the exit code means. It ignores Style.Rerun, because each Entry has its
// own.
func Overview(w io.Writer, entries []Entry, style Style) error {
	t := newText(w, style)
	t.line(t.paint(bold, fmt.Sprintf("%d targets", len(entries))))
	told := together(entries)
	t.concerns(told.concerns, told.evidence)
	t.line("")
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int {
		return cmp.Compare(severity(judged(b.Report.Verdict)), severity(judged(a.Report.Verdict)))
	})
	var legend []string
	for _, v := range verdicts {
		legend = append(legend, letter(v)+" "+string(v))
	}
	for _, l := range wrap("requirements: "+strings.Join(legend, ", "), t.style.Width) {
		t.line(l)
	}
	same, says := selections(entries)
	width := 0
	for _, e := range sorted {
		width = max(width, min(len([]rune(clean(e.Report.Target.Name))), 28))
	}
	for _, e := range sorted {
		v := judged(e.Report.Verdict)
		var words []string
		for _, c := range tallies(counts(e.Report.Requirements)) {
			if c.Count > 0 {
				words = append(words, fmt.Sprintf("%s %d", c.Letter, c.Count))
			}
		}
		if !e.Report.Target.Secured {
			words = append(words, "unsecured")
		}
		t.line(fmt.Sprintf("%s %-*s  %s", t.paint(colour(v), fmt.Sprintf("%-14s", v)), width,
			clip(clean(e.Report.Target.Name), 28), strings.Join(words, "  ")))
		if says := selected(e.Report); says != "" && !same {
			t.line(strings.Repeat(" ", 15) + t.paint(yellow, says))
		}
	}
	t.line("")
	if same {
		t.selection(says)
	}
	var reps []assess.Report
	for _, e := range entries {
		reps = append(reps, e.Report)
	}
	t.verdict(worst(entries), "", reps...)
	return t.flush("the overview")
}

// selections says how much of the suite the runs were, "" if all were the whole of it.
// If they were not the same part of it, same is false, and says is what the first of
// the selections says.
func selections(entries []Entry) (same bool, says string) {
	same = true
	for _, e := range entries {
		s := selected(e.Report)
		same = same && s == selected(entries[0].Report)
		if says == "" {
			says = s
		}
	}
	return same, says
}

// gathered holds the concerns of several targets, and for each concern the first
// target that has it.
type gathered struct {
	concerns []concern
	of       map[[2]string]Entry // by id and cause
}

func key(c concern) [2]string {
	if c.Cause != nil {
		return [2]string{c.ID, string(c.Verdict) + c.Cause.Says}
	}
	return [2]string{c.ID, string(c.Verdict) + c.Reason}
}

// evidence returns the evidence from the first target that has c.
func (g gathered) evidence(c concern) (fault, bool) {
	e := g.of[key(c)]
	return newBook(complete(e.Report), assess.SentencesOf(e.Report)).evidence(c, e.Timelines)
}

// together gathers the concerns of all targets. Concerns about the same requirement
// with the same verdict and reason become one.
func together(entries []Entry) gathered {
	var out []concern
	at, of := map[[2]string]int{}, map[[2]string]Entry{}
	names := map[int][]string{}
	for _, e := range entries {
		b := newBook(complete(e.Report), assess.SentencesOf(e.Report))
		for _, c := range b.concerns(e.Rerun) {
			k := key(c)
			i, ok := at[k]
			if !ok {
				i = len(out)
				at[k], of[k] = i, e
				out = append(out, c)
			}
			names[i] = append(names[i], clean(e.Report.Target.Name))
		}
	}
	for i := range out {
		out[i].Where = fmt.Sprintf("%d of %d: %s", len(names[i]), len(entries), listed(names[i], 6))
	}
	slices.SortStableFunc(out, func(a, b concern) int { return cmp.Compare(severity(b.Verdict), severity(a.Verdict)) })
	return gathered{out, of}
}

// listed joins the first n words and says how many more there are.
func listed(words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
}
