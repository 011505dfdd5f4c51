package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf"
)

// DiffSchema is the value of schema in the output of `ocfsim diff --json`.
const DiffSchema = "ocfsim.diff/1"

// Difference is what changed between two runs, each against one or several targets.
// Missing lists targets that only the old run has, Added those that only the new run
// has.
type Difference struct {
	Targets        []Comparison
	Missing, Added []assess.Report
}

// Regressed reports whether anything became worse. A new target that fails counts as
// worse.
func (d Difference) Regressed() bool {
	for _, c := range d.Targets {
		if c.Regressed() {
			return true
		}
	}
	for _, r := range d.Added {
		if kindOf(conformance.None, judged(r.Verdict)) == Regression {
			return true
		}
	}
	return false
}

// counts returns how many changes there are of each kind, and how many requirements
// have not changed.
func (d Difference) counts() (n map[ChangeKind]int, same int) {
	n = map[ChangeKind]int{}
	for _, kind := range changeKinds() {
		n[kind] = 0
	}
	for _, c := range d.Targets {
		same += c.Same
		for _, change := range c.Changes {
			n[change.Kind]++
		}
	}
	n[Gone] += len(d.Missing)
	for _, r := range d.Added {
		n[kindOf(conformance.None, judged(r.Verdict))]++
	}
	return n, same
}

// diffFile is the JSON form of a Difference.
type diffFile struct {
	Schema  string             `json:"schema"`
	Counts  map[ChangeKind]int `json:"counts"`
	Same    int                `json:"same"`
	Targets []diffTarget       `json:"targets"`
}

type diffTarget struct {
	Old     *diffSide `json:"old,omitempty"`
	New     *diffSide `json:"new,omitempty"`
	Changes []Change  `json:"changes"`
}

type diffSide struct {
	Target  string              `json:"target"`
	DI      string              `json:"di"`
	Edition string              `json:"edition"`
	Tool    assess.Tool         `json:"tool"`
	Started time.Time           `json:"started"`
	Verdict conformance.Verdict `json:"verdict"`
}

func sideOf(r assess.Report) *diffSide {
	return &diffSide{Target: r.Target.Name, DI: r.Target.DI, Edition: r.Edition, Tool: r.Tool, Started: r.Started, Verdict: judged(r.Verdict)}
}

// JSON writes d for programs.
func (d Difference) JSON(w io.Writer) error {
	f := diffFile{Schema: DiffSchema, Targets: []diffTarget{}}
	f.Counts, f.Same = d.counts()
	for _, c := range d.Targets {
		f.Targets = append(f.Targets, diffTarget{Old: sideOf(c.Old), New: sideOf(c.New), Changes: append([]Change{}, c.Changes...)})
	}
	for _, r := range d.Missing {
		f.Targets = append(f.Targets, diffTarget{Old: sideOf(r), Changes: []Change{}})
	}
	for _, r := range d.Added {
		f.Targets = append(f.Targets, diffTarget{New: sideOf(r), Changes: []Change{}})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("write the difference: %w", err)
	}
	return nil
}

// Text writes d for a person: what changed for each target, the worst first.
func (d Difference) Text(w io.Writer, style Style) error {
	t := newText(w, style)
	var all []assess.Report
	for _, c := range d.Targets {
		all = append(all, c.New)
	}
	says := clausesOf(assess.SentencesOf(all...))
	for _, c := range d.Targets {
		t.line(t.paint(bold, clean(c.New.Target.Name)))
		t.entry("old", described(c.Old))
		t.entry("new", described(c.New))
		for _, kind := range changeKinds() {
			for _, change := range c.Changes {
				if change.Kind == kind {
					t.change(change, says)
				}
			}
		}
		t.line("")
	}
	for _, r := range d.Missing {
		t.line(t.paint(bold, clean(r.Target.Name)) + ": gone, it was " + string(judged(r.Verdict)))
	}
	for _, r := range d.Added {
		t.line(t.paint(bold, clean(r.Target.Name)) + ": new, it is " + string(judged(r.Verdict)))
	}
	n, same := d.counts()
	t.line(fmt.Sprintf("regressions %d, new %d, gone %d, changed %d, fixes %d; %s as before",
		n[Regression], n[New], n[Gone], n[Changed], n[Fix], ocf.Count(same, "requirement")))
	if d.Regressed() {
		t.line(t.paint(colour(conformance.Fail), "exit 1: something became worse"))
	} else {
		t.line(t.paint(green, "exit 0: nothing became worse"))
	}
	return t.flush("the difference")
}

// described describes a run in one line.
func described(r assess.Report) string {
	line := fmt.Sprintf("%s, %s, %s, by %s %s", judged(r.Verdict), r.Started.UTC().Format("2006-01-02 15:04 UTC"), r.Edition, r.Tool.Name, r.Tool.Version)
	if says := selected(r); says != "" {
		line += ", " + says
	}
	if r.Reason != "" {
		line += ": " + r.Reason
	}
	return clean(line)
}

// change writes one change in a few entries.
func (t text) change(c Change, says clauses) {
	t.line("")
	name := strings.ToUpper(string(c.Kind))
	sgr := grey
	switch c.Kind {
	case Regression:
		sgr = colour(conformance.Fail)
	case Fix:
		sgr = green
	}
	what := c.Of + " " + c.ID
	if c.Of == "requirement" {
		what = c.ID + " " + says[c.ID].Says
	}
	pad := strings.Repeat(" ", max(15-len(name), 1))
	for i, l := range wrap(clean(what), t.style.Width-15) {
		if i > 0 {
			t.line(strings.Repeat(" ", 15) + l)
			continue
		}
		t.line(t.paint(sgr, name) + pad + l)
	}
	t.entry("was", told(c.Was))
	t.entry("is", told(c.Is))
	if c.Of == "requirement" {
		t.entry("want", clean(c.Is.Want))
		t.entry("got", clean(c.Is.Got))
	}
}

// told puts a side into words.
func told(s Side) string {
	line := word(s)
	if s.Scenario != "" && s.Verdict != conformance.Pass {
		line += " in " + s.Scenario
	}
	if s.Reason != "" && s.Verdict != conformance.Pass {
		line += ": " + s.Reason
	}
	return clean(line)
}
