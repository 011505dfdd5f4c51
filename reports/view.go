package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// findingView is one finding, for rows and cards.
type findingView struct {
	Requirement string
	ReqAnchor   string
	Scenario    string
	Name        string // name of the scenario
	Next        string // the later scenario that showed it, if it shows only there
	Anchor      string // anchor of the scenario
	Verdict     conformance.Verdict
	Want, Got   string
	Reason      string
	Excuse      string // why it is accepted, if it is waived
	Attempt     int
	Alike       int // how many more findings passed and say the same, of one target among many
	At          string
	Witness     int
	Observation string // anchor of the deciding observation, empty if there is none
}

// requirementView is one requirement with its sentence.
type requirementView struct {
	ID, Anchor, Level string
	Verdict           conformance.Verdict
	Reason            string
	Text              assess.Sentence // zero if this program does not know the id
	Quote             *quote
	Findings          []findingView

	// What the page shows when a reader gets there: all of what passed, of what did not
	// the Passes findings that passed.
	Body   part
	Passes int
	Passed part
}

// merge leaves, of the findings that passed and say the same, the first one, which counts the
// others.
func (r *requirementView) merge() {
	first := map[findingView]int{}
	var all []findingView
	for _, f := range r.Findings {
		says := findingView{Verdict: f.Verdict, Want: f.Want, Got: f.Got, Reason: f.Reason, Excuse: f.Excuse}
		if i, ok := first[says]; ok && f.Verdict == conformance.Pass {
			all[i].Alike++
			continue
		}
		first[says] = len(all)
		all = append(all, f)
	}
	r.Findings = all
}

// Open reports whether the details are shown from the start.
func (r requirementView) Open() bool {
	switch r.Verdict {
	case conformance.Pass, conformance.NotApplicable:
		return false
	}
	return true
}

// quote is a sentence of the standard, its line numbers and where in the standard they are.
type quote struct{ Text, Lines string }

// quotes returns the clauses of rs, each once.
func quotes(rs ...assess.Sentence) []quote {
	var out []quote
	for _, r := range rs {
		q := quote{r.Clause, place(r)}
		if r.Clause != "" && !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	return out
}

// lines puts "33-34 69-71" into words.
func lines(s string) string {
	word := "line "
	if strings.ContainsAny(s, "- ") {
		word = "lines "
	}
	return word + strings.Join(strings.Fields(strings.ReplaceAll(s, "-", "–")), ", ")
}

// clauses maps the ids of requirements to their sentences.
type clauses map[string]assess.Sentence

func clausesOf(rs []assess.Sentence) clauses {
	c := clauses{}
	for _, r := range rs {
		c[r.ID] = r
	}
	return c
}

// reportBook looks up what a Report refers to.
type reportBook struct {
	rep       assess.Report
	clauses   clauses
	scenarios map[string]assess.ScenarioResult
}

func newBook(rep assess.Report, rs []assess.Sentence) reportBook {
	b := reportBook{rep: rep, clauses: clausesOf(rs), scenarios: map[string]assess.ScenarioResult{}}
	for _, s := range rep.Scenarios {
		b.scenarios[s.ID] = s
	}
	return b
}

func (b reportBook) finding(req string, f conformance.Finding) findingView {
	v := findingView{
		Requirement: clean(req), ReqAnchor: anchor("req-", req),
		Scenario: clean(f.Scenario), Verdict: f.Verdict,
		Want: clean(f.Want), Got: clean(f.Got), Reason: clean(f.Reason), Witness: f.Witness, Attempt: f.Attempt, Next: clean(f.Next),
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

func (b reportBook) requirements() []requirementView {
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

// severity ranks verdicts by how soon a reader should see them.
func severity(v conformance.Verdict) int {
	return slices.Index([]conformance.Verdict{
		conformance.None, conformance.NotApplicable, conformance.Pass, conformance.Waived, conformance.Warn,
		conformance.Inconclusive, conformance.Fail, conformance.Error,
	}, v)
}

// concern is one thing that a reader should look at first: why one or more
// requirements did not pass, or a scenario that went wrong without a requirement
// saying so.
type concern struct {
	ID, Anchor string
	Says       string
	Verdict    conformance.Verdict
	Reason     string
	First      *findingView
	Cause      *assess.Cause // nil for what is no requirement's
	Also       []link        // further requirements with the same cause
	Where      string        // the targets, if several are reported together
	Rerun      string

	scenario string // the scenario of First or of the concern itself
	attempt  int
	expected bool // an expectation of the scenario is broken, and no requirement says so
}

// More is the number of findings with the same cause besides the first.
func (c concern) More() int {
	if c.Cause == nil || c.Cause.Findings == 0 {
		return 0
	}
	return c.Cause.Findings - 1
}

// Extent says how far a cause reaches that more than one finding has; else it is
// empty.
func (c concern) Extent() string {
	if c.More() == 0 {
		return ""
	}
	text := fmt.Sprintf("%d findings in %d scenarios", c.Cause.Findings, c.Cause.Scenarios)
	if c.Cause.Scenarios == 1 {
		text = fmt.Sprintf("%d findings in one scenario", c.Cause.Findings)
	}
	return text
}

// Edition says what later editions say of the cause, if a bit that they define is
// part of it.
func (c concern) Edition() string {
	if c.Cause == nil {
		return ""
	}
	return clean(c.Cause.Edition)
}

// concerns lists the concerns, the worst first.
func (b reportBook) concerns(rerun Rerun) []concern {
	out := b.stale()
	if len(b.rep.Scenarios) == 0 && b.rep.Reason != "" { // that none was exercised is no news then
		return out
	}
	rows := map[string]requirementView{}
	shown := map[string]bool{}
	for _, r := range b.requirements() {
		rows[r.ID] = r
		for _, f := range r.Findings {
			if f.Verdict == r.Verdict {
				shown[f.Scenario] = shown[f.Scenario] || severity(f.Verdict) >= severity(b.verdictOf(f.Scenario))
			}
		}
	}
	for _, cause := range b.rep.Causes {
		if len(cause.Requirements) == 0 {
			out = append(out, b.unmet(cause, rerun))
			continue
		}
		out = append(out, b.concern(cause, rows, rerun))
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

// unmet is what a reader is told of an expectation that was not met though no
// requirement is broken, under the name of the first scenario that shows it.
func (b reportBook) unmet(cause assess.Cause, rerun Rerun) concern {
	s := b.scenarios[cause.Scenario]
	reason := cause.Says
	for _, f := range s.Checks {
		if cause.Explains(f) {
			reason = f.Reason
			break
		}
	}
	return concern{
		ID: clean(s.ID), Anchor: anchor("scn-", s.ID), Says: clean(s.Name), Verdict: cause.Verdict, Reason: clean(reason), Cause: &cause,
		Rerun: call(rerun, s.ID), scenario: clean(s.ID), attempt: s.Attempt, expected: true,
	}
}

// concern is what a reader is told of a cause, under the name of the first
// requirement that did not pass for it.
func (b reportBook) concern(cause assess.Cause, rows map[string]requirementView, rerun Rerun) concern {
	r := rows[clean(cause.Requirements[0])]
	c := concern{ID: r.ID, Anchor: r.Anchor, Says: r.Text.Says, Verdict: cause.Verdict, Reason: r.Reason, Cause: &cause}
	for _, id := range cause.Requirements[1:] {
		c.Also = append(c.Also, link{clean(id), anchor("req-", id)})
	}
	if len(c.Also) > 0 { // the reason of the first may name its own scenario
		c.Reason = clean(cause.Says)
	}
	for _, q := range b.rep.Requirements {
		if q.ID != cause.Requirements[0] {
			continue
		}
		for _, f := range q.Findings {
			if cause.Explains(f) {
				v := b.finding(q.ID, f)
				c.First, c.Rerun = &v, both(rerun, f.Scenario, f.Next)
				c.scenario, c.attempt = v.Scenario, f.Attempt
				return c
			}
		}
	}
	return c
}

// rank is 0 for a request that the Device died of, which is told first among what is
// as bad, and 1 for all else.
func (c concern) rank() int {
	if c.First != nil && strings.HasPrefix(c.First.Reason, assess.DiedOf) {
		return 0
	}
	return 1
}

// verdictOf returns the verdict of the scenario with this cleaned id.
func (b reportBook) verdictOf(id string) conformance.Verdict {
	for _, s := range b.rep.Scenarios {
		if clean(s.ID) == id {
			return s.Verdict
		}
	}
	return conformance.None
}

// both is the command for a scenario and for the later one that shows what it did, if
// there is such a one: a command ends with the scenario, and may have several.
func both(rerun Rerun, scenario, next string) string {
	command := call(rerun, scenario)
	if command == "" || next == "" {
		return command
	}
	return command + " --scenario " + next
}

func call(rerun Rerun, scenario string) string {
	if rerun == nil {
		return ""
	}
	return clean(rerun(scenario))
}
