package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// findingView is one finding, as rows and cards show it.
type findingView struct {
	Requirement string
	ReqAnchor   string
	Scenario    string
	Name        string // of the scenario
	Anchor      string // of the scenario
	Verdict     conformance.Verdict
	Want, Got   string
	Reason      string
	Excuse      string // of one that is waived
	Attempt     int
	At          string
	Witness     int
	Observation string // anchor of the deciding observation, empty for none
}

// requirementView is one requirement with its sentence.
type requirementView struct {
	ID, Anchor, Level string
	Verdict           conformance.Verdict
	Reason            string
	Text              assess.Sentence // zero where this program does not know the id
	Quote             *quote
	Findings          []findingView
}

// Open reports whether the details are shown at once.
func (r requirementView) Open() bool {
	switch r.Verdict {
	case conformance.Pass, conformance.NotApplicable:
		return false
	}
	return true
}

// quote is a sentence of the standard and where it stands.
type quote struct{ Text, Lines string }

// quotes are the clauses of rs, each once.
func quotes(rs ...assess.Sentence) []quote {
	var out []quote
	for _, r := range rs {
		q := quote{r.Clause, lines(r.Lines)}
		if r.Clause != "" && !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	return out
}

// lines words "33-34 69-71".
func lines(s string) string {
	word := "line "
	if strings.ContainsAny(s, "- ") {
		word = "lines "
	}
	return word + strings.Join(strings.Fields(strings.ReplaceAll(s, "-", "–")), ", ")
}

// clauses knows the requirements' sentences by id.
type clauses map[string]assess.Sentence

func clausesOf(rs []assess.Sentence) clauses {
	c := clauses{}
	for _, r := range rs {
		c[r.ID] = r
	}
	return c
}

// book looks up what a Report refers to.
type book struct {
	rep       assess.Report
	clauses   clauses
	scenarios map[string]assess.ScenarioResult
}

func newBook(rep assess.Report, rs []assess.Sentence) book {
	b := book{rep: rep, clauses: clausesOf(rs), scenarios: map[string]assess.ScenarioResult{}}
	for _, s := range rep.Scenarios {
		b.scenarios[s.ID] = s
	}
	return b
}

func (b book) finding(req string, f conformance.Finding) findingView {
	v := findingView{
		Requirement: clean(req), ReqAnchor: anchor("req-", req),
		Scenario: clean(f.Scenario), Verdict: f.Verdict,
		Want: clean(f.Want), Got: clean(f.Got), Reason: clean(f.Reason), Witness: f.Witness, Attempt: f.Attempt,
	}
	if s, ok := b.scenarios[f.Scenario]; ok {
		v.Name, v.Anchor = clean(s.Name), anchor("scn-", f.Scenario)
	}
	v.Excuse = b.excuse(f)
	if f.Witness >= 0 {
		v.At = seconds(f.AtS)
		v.Observation = fmt.Sprintf("%s.%d", attempted(anchor("obs-", f.Scenario), f.Attempt), f.Witness)
	}
	return v
}

func (b book) requirements() []requirementView {
	var out []requirementView
	for _, r := range b.rep.Requirements {
		v := requirementView{
			ID: clean(r.ID), Anchor: anchor("req-", r.ID), Level: string(r.Level), Verdict: r.Verdict,
			Reason: clean(r.Reason), Text: b.clauses[r.ID],
		}
		if q := quotes(v.Text); len(q) > 0 {
			v.Quote = &q[0]
		}
		for _, f := range r.Findings {
			if f.Verdict != conformance.None {
				v.Findings = append(v.Findings, b.finding(r.ID, f))
			}
		}
		slices.SortStableFunc(v.Findings, func(a, c findingView) int { return severity(c.Verdict) - severity(a.Verdict) })
		out = append(out, v)
	}
	return out
}

// severity orders what a reader should see first.
func severity(v conformance.Verdict) int {
	return slices.Index([]conformance.Verdict{
		conformance.None, conformance.NotApplicable, conformance.Pass, conformance.Waived, conformance.Warn,
		conformance.Inconclusive, conformance.Fail, conformance.Error,
	}, v)
}

// concern is one thing to look at first: a requirement that did not pass, or a
// scenario that went wrong without a requirement saying so.
type concern struct {
	ID, Anchor string
	Says       string
	Verdict    conformance.Verdict
	Reason     string
	First      *findingView
	More       int    // findings of the same verdict in other scenarios
	Also       []link // further requirements without a finding, for the same reason
	Where      string // the targets, where several are told of together
	Rerun      string

	scenario string // that First is of, or the concern is
	attempt  int
	expected bool // an expectation of the scenario is broken, and no requirement says so
}

// concerns lists the worst first.
func (b book) concerns(rerun Rerun) []concern {
	out := b.stale()
	if len(b.rep.Scenarios) == 0 && b.rep.Reason != "" { // that none was exercised is no news then
		return out
	}
	shown := map[string]bool{}
	for _, r := range b.requirements() {
		if severity(r.Verdict) <= severity(conformance.Pass) {
			continue
		}
		c := concern{ID: r.ID, Anchor: r.Anchor, Says: r.Text.Says, Verdict: r.Verdict, Reason: r.Reason}
		for i, f := range r.Findings {
			if f.Verdict != r.Verdict {
				continue
			}
			shown[f.Scenario] = shown[f.Scenario] || severity(f.Verdict) >= severity(b.verdictOf(f.Scenario))
			if c.First == nil {
				c.First = &r.Findings[i]
				c.Rerun = call(rerun, f.Scenario)
				c.scenario, c.attempt = f.Scenario, f.Attempt
			} else {
				c.More++
			}
		}
		if !joined(out, c) {
			out = append(out, c)
		}
	}
	for _, s := range b.rep.Scenarios {
		if shown[clean(s.ID)] || severity(s.Verdict) < severity(conformance.Fail) {
			continue
		}
		out = append(out, concern{
			ID: clean(s.ID), Anchor: anchor("scn-", s.ID), Says: clean(s.Name), Verdict: s.Verdict,
			Reason: clean(s.Reason), Rerun: call(rerun, s.ID), scenario: clean(s.ID), attempt: s.Attempt, expected: true,
		})
	}
	slices.SortStableFunc(out, func(a, b concern) int {
		return cmp.Or(cmp.Compare(severity(b.Verdict), severity(a.Verdict)), cmp.Compare(a.rank(), b.rank()))
	})
	return out
}

// rank is 0 for a request that the Device died of, which is told first among what is
// as bad, and 1 for all else.
func (c concern) rank() int {
	if c.First != nil && strings.HasPrefix(c.First.Reason, assess.DiedOf) {
		return 0
	}
	return 1
}

// joined adds c to the concern of out that has the same reason, where
// neither has a finding, and reports whether there is one.
func joined(out []concern, c concern) bool {
	for i := range out {
		o := &out[i]
		if c.First == nil && o.First == nil && o.Verdict == c.Verdict && o.Reason == c.Reason {
			o.Also = append(o.Also, link{c.ID, c.Anchor})
			return true
		}
	}
	return false
}

// verdictOf is the verdict of a scenario by its cleaned id.
func (b book) verdictOf(id string) conformance.Verdict {
	for _, s := range b.rep.Scenarios {
		if clean(s.ID) == id {
			return s.Verdict
		}
	}
	return conformance.None
}

func call(rerun Rerun, scenario string) string {
	if rerun == nil {
		return ""
	}
	return clean(rerun(scenario))
}

// tally is the number of requirements, or scenarios, that have a verdict.
type tally struct {
	Verdict conformance.Verdict
	Letter  string
	Count   int
	X, W    px // its share of a bar of 1000
}

func tallies(n map[conformance.Verdict]int) []tally {
	total := 0
	for _, v := range verdicts {
		total += n[v]
	}
	var out []tally
	x := px(0)
	for _, v := range verdicts {
		t := tally{Verdict: v, Letter: letter(v), Count: n[v], X: x}
		if total > 0 {
			t.W = px(n[v]) * 1000 / px(total)
		}
		x += t.W
		out = append(out, t)
	}
	return out
}

func scenarioCounts(ss []assess.ScenarioResult) map[conformance.Verdict]int {
	n := map[conformance.Verdict]int{}
	for _, s := range ss {
		n[judged(s.Verdict)]++
	}
	return n
}

// guides explain what each verdict says, in the order in which they are listed.
type guide struct {
	Verdict      conformance.Verdict
	Letter, Says string
}

func guides() []guide {
	says := map[conformance.Verdict]string{
		conformance.Pass:          "Seen to be kept: a witness was observed.",
		conformance.Warn:          "A recommendation, or a sentence that the standard leaves open, is not followed. Does not fail the run.",
		conformance.Fail:          "Seen to be broken: no course that the standard allows explains what was observed.",
		conformance.Inconclusive:  "Neither seen to be kept nor to be broken, for the reason given. Notifications may be merged, so one that is missing proves nothing by itself.",
		conformance.NotApplicable: "Excluded by what the target declares of itself, for the reason given.",
		conformance.Error:         "The harness or its surroundings failed; nothing is said about the Device.",
		conformance.Waived:        "Broken, and excused by a waiver that says why.",
	}
	var out []guide
	for _, v := range verdicts {
		out = append(out, guide{v, letter(v), says[v]})
	}
	return out
}

// sentence sums the run up in words.
func sentence(n map[conformance.Verdict]int) string {
	total := 0
	var parts []string
	for _, v := range verdicts {
		total += n[v]
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[v], v))
		}
	}
	if total == 0 {
		return "No requirement was judged."
	}
	return fmt.Sprintf("%d requirements: %s.", total, strings.Join(parts, ", "))
}
