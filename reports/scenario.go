package reports

import (
	"errors"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// rowsShown is how many observations a table may have before it starts folded.
const rowsShown = 40

// featureView holds the scenarios of one feature, but for those that failed.
type featureView struct {
	Name      string
	Scenarios []scenarioView
}

// causeView holds the scenarios that failed for one cause.
type causeView struct {
	Says         string
	Verdict      conformance.Verdict
	Requirements []link
	Scenarios    []scenarioView
}

// scenarioView shows one scenario: what was decided, the picture, the paths, and
// everything that was observed.
type scenarioView struct {
	Result   assess.ScenarioResult
	Of       int // number of attempts; 0 if there was only one
	Anchor   string
	Tags     string // those that are no requirement's
	Links    []link // to the scenario's requirements
	Findings []findingView
	Faults   []fault
	Picture  *picture
	Missing  string // why there is no picture
	Redraw   string // the command that draws a page with a picture, if this one has none
	Rows     []observationRow
	Observed int // number of observations, those that Rows leaves out included
	Rerun    string
	File     string // link to the timeline
	Bytes    bool   // the rows have the bytes of each datagram

	// What the page shows of it: Plain from the start, the rest when a reader gets there.
	Open         bool
	Plain        template.HTML
	Above, Below part // "" for nothing
}

// link leads to a place on the page.
type link struct{ Text, Anchor string }

// fault is one thing that went wrong in a scenario: what was expected beside what
// was observed, with the clause.
type fault struct {
	Name     string // "SVV-8", "Expectation 2"
	Anchor   string // of the requirement; empty for an expectation
	Verdict  conformance.Verdict
	Finding  findingView
	Quotes   []quote
	PassIf   string
	Path     pathView
	Decided  string // the deciding observation, in words
	Asked    string // what the Device had been asked to do: the step, the request, the Client and the moment
	Frames   []frameView
	Record   string // where it is in the timeline
	Expected bool
}

// Folded reports whether the table starts closed.
func (s scenarioView) Folded() bool { return len(s.Rows) > rowsShown }

// DurationText is the scenario's duration.
func (s scenarioView) DurationText() string { return took(s.Result.DurationS) }

// found is a finding and the requirement it is about.
type found struct {
	requirement string
	conformance.Finding
}

// attempt returns those of fs that were found in attempt n.
func attempt(fs []found, n int) []found {
	var of []found
	for _, f := range fs {
		if f.Attempt == n {
			of = append(of, f)
		}
	}
	return of
}

// attempted makes the anchor for attempt n from a. Other anchors never contain a
// tilde.
func attempted(a string, n int) string {
	if n == 0 {
		return a
	}
	return fmt.Sprintf("%s~%d", a, n)
}

// findingsOf groups all findings by scenario.
func (b reportBook) findingsOf() map[string][]found {
	m := map[string][]found{}
	for _, r := range b.rep.Requirements {
		for _, f := range r.Findings {
			if f.Verdict != conformance.None {
				m[f.Scenario] = append(m[f.Scenario], found{r.ID, f})
			}
		}
	}
	return m
}

// scenario returns the view of s. full counts the records that are full, of which the
// page shows the first few.
func (b reportBook) scenario(s assess.ScenarioResult, fs []found, timelines Timelines, rerun Rerun, full *int) scenarioView {
	v := scenarioView{
		Anchor: anchor("scn-", s.ID), Rerun: call(rerun, s.ID), Open: broken(s.Verdict), Bytes: !good(s.Verdict),
	}
	tl, missing := load(s.Timeline, timelines)
	if missing == "" && len(tl.Observations) == 0 {
		missing = "Nothing was recorded."
	}
	most := mostRows
	if tl.Full() >= 0 {
		most = mostRowsFull
		if *full++; *full > mostFull {
			most, missing = 0, "The record is full, as those of earlier scenarios are. It is in the timeline."
		}
	}
	v.Missing = missing
	if s.Timeline != "" && local(s.Timeline) {
		v.File = path.Clean(s.Timeline)
	}
	for _, id := range s.Requirements {
		v.Links = append(v.Links, link{clean(id), b.known(id)})
	}
	for _, f := range fs {
		v.Findings = append(v.Findings, b.finding(f.requirement, f.Finding))
	}
	slices.SortStableFunc(v.Findings, func(a, c findingView) int { return severity(c.Verdict) - severity(a.Verdict) })
	if len(tl.Observations) > 0 && most > 0 {
		marks := marksOf(s, fs, len(tl.Observations))
		pic := draw(attempted(v.Anchor, s.Attempt), beginning(tl, most), marks)
		v.Picture, v.Observed = &pic, len(tl.Observations)
		v.Rows = rowsOf(attempted(anchor("obs-", s.ID), s.Attempt), tl, marks, most, v.Bytes)
		if v.Observed > most {
			v.Missing = fmt.Sprintf("The picture shows the first %d of %d observations.", most, v.Observed)
		}
	}
	v.Faults = b.faults(s, fs, tl)
	s.ID, s.Name, s.Reason = clean(s.ID), clean(s.Name), clean(s.Reason)
	v.Tags = find(tagsBeside(s)...)
	v.Result = s
	return v
}

// broken reports whether v says that something went wrong, so that it is shown at once.
func broken(v conformance.Verdict) bool { return v == conformance.Fail || v == conformance.Error }

// good reports whether v leaves nothing to look into.
func good(v conformance.Verdict) bool {
	return v == conformance.Pass || v == conformance.NotApplicable
}

// tagsBeside returns the tags of s that name none of its requirements.
func tagsBeside(s assess.ScenarioResult) []string {
	var tags []string
	for _, t := range s.Tags {
		if !slices.Contains(s.Requirements, strings.TrimPrefix(t, "@")) {
			tags = append(tags, t)
		}
	}
	return tags
}

// known returns the anchor of requirement id; it is empty if the report has no such
// row.
func (b reportBook) known(id string) string {
	if slices.ContainsFunc(b.rep.Requirements, func(r assess.RequirementResult) bool { return r.ID == id }) {
		return anchor("req-", id)
	}
	return ""
}

// load reads a timeline. If the timeline was cut off, load returns the part that is
// there.
func load(name string, timelines Timelines) (conformance.Timeline, string) {
	if name == "" || timelines == nil {
		return conformance.Timeline{}, "No timeline was recorded."
	}
	tl, err := timelines(name)
	if err == nil {
		return tl, ""
	}
	if errors.Is(err, conformance.ErrTruncated) {
		return tl, "The timeline is incomplete: " + clean(err.Error())
	}
	return conformance.Timeline{}, "The timeline can't be read: " + clean(err.Error())
}

// marksOf gathers what was decided in a timeline of n observations, and groups it by
// observation.
func marksOf(s assess.ScenarioResult, fs []found, n int) []mark {
	var marks []mark
	add := func(who string, f conformance.Finding) {
		if f.Witness < 0 || f.Witness >= n || f.Verdict == conformance.None {
			return
		}
		says := clip(clean(fmt.Sprintf("%s %s%s", who, f.Verdict, why(f))), 300)
		at := slices.IndexFunc(marks, func(m mark) bool { return m.N == f.Witness })
		if at < 0 {
			marks = append(marks, mark{N: f.Witness, Verdict: f.Verdict, Who: []string{who}, Says: []string{says}})
			return
		}
		m := &marks[at]
		m.Says = append(m.Says, says)
		switch {
		case severity(f.Verdict) > severity(m.Verdict):
			m.Verdict, m.Who = f.Verdict, []string{who}
		case f.Verdict == m.Verdict:
			m.Who = append(m.Who, who)
		}
	}
	for _, f := range fs {
		add(clean(f.requirement), f.Finding)
	}
	for i, f := range s.Checks {
		add(fmt.Sprintf("expectation %d", i+1), f)
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.N - b.N })
	return marks
}

// faults returns the fails, errors and warnings of a scenario, and its expectations
// that were not met though no requirement is broken. A request that the
// Device died of comes first, and then the expectations, because a requirement that a scenario breaks often shows in one of them.
func (b reportBook) faults(s assess.ScenarioResult, fs []found, tl conformance.Timeline) []fault {
	var out []fault
	for i, f := range s.Checks {
		switch {
		case i >= len(tl.Expectations):
			continue
		case assess.WithoutRule(f):
		case f.Verdict != conformance.Fail && f.Verdict != conformance.Error && f.Verdict != conformance.Warn && f.Verdict != conformance.Waived:
			continue
		}
		x := fault{Name: fmt.Sprintf("Expectation %d", i+1), Verdict: f.Verdict, Expected: true}
		x.Finding = b.finding("", f)
		x.Path = compare(tl.Expectations[i], f, tl)
		x.Quotes = b.blamed(s, fs)
		out = append(out, x.with(s, tl, f))
	}
	for _, f := range fs {
		switch f.Verdict {
		case conformance.Fail, conformance.Error, conformance.Warn, conformance.Waived:
		default:
			continue
		}
		x := fault{
			Name: clean(f.requirement), Anchor: anchor("req-", f.requirement), Verdict: f.Verdict,
			Finding: b.finding(f.requirement, f.Finding), Path: beside(f.Finding, tl),
		}
		if text, ok := b.clauses[f.requirement]; ok {
			x.Quotes, x.PassIf = quotes(text), text.PassIf
		}
		if f.Witness >= 0 && f.Witness < len(tl.Observations) {
			o := tl.Observations[f.Witness]
			x.Decided = clean(strings.TrimSpace(headline(o) + " " + content(o)))
		}
		x = x.with(s, tl, f.Finding)
		if fatal(f.Finding) {
			out = append([]fault{x}, out...)
			continue
		}
		out = append(out, x)
	}
	return out
}

// fatal reports whether f says that the Device died of a request.
func fatal(f conformance.Finding) bool { return strings.HasPrefix(f.Reason, assess.DiedOf) }

// with adds to x, which shows f, what its Timeline says about it.
func (x fault) with(s assess.ScenarioResult, tl conformance.Timeline, f conformance.Finding) fault {
	x.Asked, x.Frames, x.Record = asked(tl, f), frames(tl, f), clean(s.Timeline)
	if x.Record != "" && x.Finding.Witness >= 0 {
		x.Record += fmt.Sprintf(", observation %d", x.Finding.Witness)
	}
	return x
}

// blamed returns the sentences behind a failed expectation: those of the
// requirements that failed in the scenario or, if none did, those of the
// requirements that the scenario is tagged with.
func (b reportBook) blamed(s assess.ScenarioResult, fs []found) []quote {
	var failed, tagged []assess.Sentence
	for _, f := range fs {
		if text, ok := b.clauses[f.requirement]; ok && f.Verdict == conformance.Fail {
			failed = append(failed, text)
		}
	}
	for _, id := range s.Requirements {
		if text, ok := b.clauses[id]; ok {
			tagged = append(tagged, text)
		}
	}
	if len(failed) > 0 {
		return quotes(failed...)
	}
	return quotes(tagged...)
}
