package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Style says how a text report is laid out. The zero value means 80 columns, without
// colour and without commands to run scenarios again.
type Style struct {
	Color bool
	Width int   // columns, at least 40; 0: 80
	Rerun Rerun // may be nil
	Limit int   // how many requirements are shown in full, 0: 20

	// Folder is where the results are; the last line says so. "" means nowhere.
	Folder string

	// Timelines has the evidence, which is shown with the first Cases concerns (0:
	// 5). Without Timelines no evidence is shown.
	Timelines Timelines
	Cases     int
}

// Summary writes what a person at the terminal needs to know about rep: what did not
// pass, the worst first, then the counts, and what the exit code means.
func Summary(w io.Writer, rep assess.Report, style Style) error {
	rep = complete(rep)
	b := newBook(rep, assess.SentencesOf(rep))
	t := newText(w, style)
	for _, l := range wrap(clean(rep.Target.Name+" · "+rep.Target.Endpoint+others(rep.Target)+" · "+rep.Edition), t.style.Width) {
		t.line(t.paint(bold, l))
	}
	t.edition(rep)
	t.identity(rep)
	t.security(rep)
	t.concerns(b.concerns(style.Rerun), func(c concern) (fault, bool) { return b.evidence(c, style.Timelines) })
	t.line("")
	t.counts("requirements", counts(rep.Requirements))
	t.counts("scenarios", scenarioCounts(rep.Scenarios))
	t.flaky(rep.Scenarios)
	t.remarks(rep.Remarks)
	t.selection(selected(rep))
	t.verdict(rep.Verdict, clean(rep.Reason), rep)
	return t.flush("the summary")
}

// flaky names the scenarios whose attempts differ, and how each attempt ended.
func (t text) flaky(scenarios []assess.ScenarioResult) {
	name := "flaky"
	for _, s := range scenarios {
		if !s.Flaky {
			continue
		}
		var verdicts []string
		for _, a := range s.Attempts {
			verdicts = append(verdicts, string(a.Verdict))
		}
		for _, l := range wrap(clean(s.ID)+": "+strings.Join(verdicts, ", "), t.style.Width-15) {
			t.line(fmt.Sprintf("%-14s %s", name, l))
			name = ""
		}
	}
}

// remarksShown is how many warnings the summary shows; results.json has them all.
const remarksShown = 10

// remarks writes the warnings by which no requirement is judged.
func (t text) remarks(all []assess.Remark) {
	for i, r := range all {
		if i == remarksShown {
			t.line(fmt.Sprintf("%-14s %d more are in %s", "", len(all)-i, ResultsFile))
			return
		}
		name := "warning"
		for _, l := range wrap(clean(r.About+": "+r.Says), t.style.Width-15) {
			t.line(fmt.Sprintf("%-14s %s", name, l))
			name = ""
		}
	}
}

// security says how the harness gained access to the target. It is emphasised if the
// target was unsecured.
func (t text) security(rep assess.Report) {
	colour := green
	if !rep.Target.Secured {
		colour = "1;" + yellow
	}
	for _, l := range wrap(security(rep), t.style.Width) {
		t.line(t.paint(colour, l))
	}
}

// text lays out lines. Its writer remembers the first error.
type text struct {
	out   *bufio.Writer
	style Style
}

func (t text) line(s string) { _, _ = t.out.WriteString(s + "\n") } // Flush returns the error

func newText(w io.Writer, style Style) text {
	if style.Width == 0 {
		style.Width = 80
	}
	style.Width = max(style.Width, 40)
	if style.Limit == 0 {
		style.Limit = 20
	}
	if style.Cases == 0 {
		style.Cases = 5
	}
	return text{out: bufio.NewWriter(w), style: style}
}

func (t text) flush(what string) error {
	if err := t.out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// concerns writes the first of cs, and how many more there are.
func (t text) concerns(cs []concern, evidence func(concern) (fault, bool)) {
	for i, c := range cs {
		if i == t.style.Limit {
			t.line("")
			t.line(fmt.Sprintf("and %d more", len(cs)-i))
			return
		}
		var x *fault
		if i < t.style.Cases && c.evident() {
			if found, ok := evidence(c); ok {
				x = &found
			}
		}
		t.concern(c, x)
	}
}

// selection says, above the verdict, how much of the suite was run, if that was not
// all of it.
func (t text) selection(says string) {
	if says == "" {
		return
	}
	for _, l := range wrap(says, t.style.Width) {
		t.line(t.paint("1;"+yellow, l))
	}
}

// verdict writes the last line: the verdict that the runs came to and what the exit
// code means.
func (t text) verdict(v conformance.Verdict, reason string, reps ...assess.Report) {
	code, means := conclusion(v, reps...)
	switch reason {
	case "":
	case Interrupted:
		code, means = 130, "interrupted; what was recorded is written"
	default:
		means += " (" + reason + ")"
	}
	word := strings.ToUpper(string(v))
	for _, l := range wrap(fmt.Sprintf("exit %d: %s", code, means), t.style.Width-15) {
		t.line(t.paint(colour(v), fmt.Sprintf("%-14s", word)) + " " + l)
		word = ""
	}
}

// concern writes one requirement that did not pass, with the evidence in x if there
// is any.
func (t text) concern(c concern, x *fault) {
	t.line("")
	name := strings.ToUpper(string(c.Verdict))
	pad := strings.Repeat(" ", max(15-len(name), 1))
	what, also := c.ID+" "+c.Says, names(c.Also)
	if c.First == nil && also != "" { // that nothing was found is no news of the first of them
		what, also = c.ID+" "+also, ""
	}
	says := wrap(what, t.style.Width-15)
	t.line(t.paint(colour(c.Verdict), name) + pad + says[0])
	for _, l := range says[1:] {
		t.line(strings.Repeat(" ", 15) + l)
	}
	reason := c.Reason
	if f := c.First; f != nil {
		where := f.Scenario
		if f.At != "" {
			where += " at " + f.At
		}
		if f.Attempt > 0 {
			where += fmt.Sprintf(", attempt %d", f.Attempt)
		}
		if more := c.Extent(); more != "" {
			where += ", the first of " + more
		}
		t.entry("scenario", where)
		t.entry("targets", c.Where)
		t.entry("waived", f.Excuse)
		t.entry("want", f.Want)
		t.entry("got", f.Got)
		if f.Reason != "" {
			reason = f.Reason
		}
	}
	if x != nil && c.First == nil {
		where := c.scenario + " at " + x.Finding.At
		if more := c.Extent(); more != "" {
			where += ", the first of " + more
		}
		t.entry("scenario", where)
		t.entry("want", x.Finding.Want)
	}
	t.entry("reason", reason)
	if c.First == nil {
		t.entry("targets", c.Where)
	}
	t.entry("also", also)
	t.entry("edition", c.Edition())
	if x != nil {
		t.evidence(*x)
	}
	if c.Rerun != "" {
		t.line("    rerun      " + c.Rerun) // in one line, so that it can be copied
	}
}

// names lists what links lead to.
func names(links []link) string {
	var all []string
	for _, l := range links {
		all = append(all, l.Text)
	}
	return strings.Join(all, " ")
}

func (t text) entry(name, what string) {
	if what == "" {
		return
	}
	for i, l := range wrap(what, t.style.Width-15) {
		if i > 0 {
			name = ""
		}
		t.line(fmt.Sprintf("    %-10s %s", name, l))
	}
}

// counts writes the counts in one line if there is room.
func (t text) counts(what string, n map[conformance.Verdict]int) {
	line, used := fmt.Sprintf("%-14s", what), 14
	for _, v := range verdicts {
		if n[v] == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", n[v], v)
		if used+2+len(part) > t.style.Width {
			t.line(line)
			line, used = strings.Repeat(" ", 14), 14
		}
		line += " " + t.paint(colour(v), part) + " "
		used += 2 + len(part)
	}
	if used == 14 && line == fmt.Sprintf("%-14s", what) {
		line += " none"
	}
	t.line(strings.TrimRight(line, " "))
}

// wrap breaks s into lines of at most width characters, at spaces if there are any.
// It looks at each character a few times at most, however long s and its words are.
func wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	var current strings.Builder
	used := 0 // characters of current
	end := func() {
		lines = append(lines, current.String())
		current.Reset()
		used = 0
	}
	for word := range strings.FieldsSeq(s) {
		for {
			piece := first(word, width)
			if len(piece) == len(word) {
				break
			}
			if used > 0 {
				end()
			}
			lines, word = append(lines, piece), word[len(piece):]
		}
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			end()
		}
		if used > 0 {
			current.WriteByte(' ')
			used++
		}
		current.WriteString(word)
		used += n
	}
	end()
	return lines
}

// The colours of a terminal, as SGR parameters.
const (
	bold    = "1"
	green   = "32"
	yellow  = "33"
	red     = "31"
	magenta = "35"
	cyan    = "36"
	grey    = "90"
)

func colour(v conformance.Verdict) string {
	switch v {
	case conformance.Pass:
		return green
	case conformance.Warn:
		return yellow
	case conformance.Fail:
		return "1;" + red
	case conformance.Inconclusive:
		return magenta
	case conformance.Error:
		return "1;" + magenta
	case conformance.Waived:
		return cyan
	}
	return grey
}

func (t text) paint(sgr, s string) string {
	if !t.style.Color {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}
