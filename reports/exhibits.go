package reports

import (
	"cmp"
	"html/template"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// plainBytes bounds the HTML of faults that stands on the page unpacked. A Device that
// breaks the same in hundreds of scenarios would make a page of ten megabytes otherwise;
// what is over is packed like what passed, and unpacked when a reader gets there.
const plainBytes = 256 << 10

// exhibits shows the scenarios of a report: those that failed by cause, the others by
// feature.
type exhibits struct {
	book     reportBook
	target   Entry
	pictures later
	tables   later
	plain    int // HTML of faults that is not packed, in bytes
	full     int // records that are full

	causes   []causeView // one for each of known, and one more for what none explains
	known    []assess.Cause
	of       map[conformance.Finding]int // index into causes, as far as it was asked for
	features []featureView
}

// show makes the views of all scenarios, each of them drawn, written and forgotten before
// the next one.
func (e *exhibits) show() error {
	e.sortCauses()
	found := e.book.findingsOf()
	for _, whole := range e.book.rep.Scenarios {
		for _, s := range whole.Each() {
			fs := attempt(found[s.ID], s.Attempt)
			v := e.scenario(s, fs)
			v.Of, v.Result.Flaky = len(whole.Attempts), whole.Flaky
			if s.Attempt != whole.Attempt { // links to the scenario lead to the attempt that decided
				v.Anchor = attempted(v.Anchor, s.Attempt)
			}
			if err := e.write(&v); err != nil {
				return err
			}
			if v.Open {
				c := &e.causes[e.cause(s, fs)]
				c.Scenarios = append(c.Scenarios, v)
				continue
			}
			e.feature(clean(whole.Feature), v)
		}
	}
	e.causes = slices.DeleteFunc(e.causes, func(c causeView) bool { return len(c.Scenarios) == 0 })
	return nil
}

// scenario is the view of s. What passed is not drawn where the target says what draws it.
func (e *exhibits) scenario(s assess.ScenarioResult, fs []found) scenarioView {
	if e.target.Redraw == "" || !good(s.Verdict) || s.Timeline == "" {
		return e.book.scenario(s, fs, e.target.Timelines, e.target.Rerun, &e.full)
	}
	v := e.book.scenario(s, fs, nil, e.target.Rerun, &e.full)
	v.Missing, v.Redraw, v.Findings = "", clean(e.target.Redraw), nil // they stand with their requirements
	return v
}

// sortCauses lists the causes, the worst first.
func (e *exhibits) sortCauses() {
	e.of = map[conformance.Finding]int{}
	e.known = slices.Clone(e.book.rep.Causes)
	slices.SortStableFunc(e.known, func(a, b assess.Cause) int { return cmp.Compare(severity(b.Verdict), severity(a.Verdict)) })
	for _, c := range e.known {
		v := causeView{Says: clean(c.Says), Verdict: c.Verdict}
		for _, id := range c.Requirements {
			v.Requirements = append(v.Requirements, link{clean(id), e.book.known(id)})
		}
		e.causes = append(e.causes, v)
	}
	e.causes = append(e.causes, causeView{Says: "For a reason of its own", Verdict: conformance.Error})
}

// cause returns which of the causes a scenario is shown under: the worst that one of its
// findings is explained by.
func (e *exhibits) cause(s assess.ScenarioResult, fs []found) int {
	best := len(e.known)
	try := func(f conformance.Finding) {
		if f.Verdict == s.Verdict {
			best = min(best, e.explained(f))
		}
	}
	for _, f := range fs {
		try(f.Finding)
	}
	for _, f := range s.Checks {
		try(f)
	}
	return best
}

// explained returns the first cause that explains f. What it says is all that matters, so
// findings that say the same are compared once.
func (e *exhibits) explained(f conformance.Finding) int {
	k := conformance.Finding{Verdict: f.Verdict, Got: f.Got, Reason: f.Reason}
	if i, ok := e.of[k]; ok {
		return i
	}
	i := slices.IndexFunc(e.known, func(c assess.Cause) bool { return c.Explains(f) })
	if i < 0 {
		i = len(e.known)
	}
	e.of[k] = i
	return i
}

func (e *exhibits) feature(name string, v scenarioView) {
	at := slices.IndexFunc(e.features, func(f featureView) bool { return f.Name == name })
	if at < 0 {
		at = len(e.features)
		e.features = append(e.features, featureView{Name: name})
	}
	e.features[at].Scenarios = append(e.features[at].Scenarios, v)
}

// write writes what the page shows of v. What failed stands open, and its faults are plain
// HTML as long as plainBytes allows; all else is packed. The picture and the rows are not
// kept.
func (e *exhibits) write(v *scenarioView) (err error) {
	if v.Redraw != "" { // there is no picture, so one part is enough
		v.Below, err = e.tables.put("undrawn", v)
		return err
	}
	faults, err := e.faults(v)
	if err != nil {
		return err
	}
	below, err := fragment("below", v)
	if err != nil {
		return err
	}
	if v.Open && e.plain+len(faults) <= plainBytes {
		e.plain += len(faults)
		v.Plain, faults = faults, ""
	}
	if v.Below, err = e.tables.add(string(faults + below)); err != nil {
		return err
	}
	v.Above, err = e.pictures.put("above", v)
	v.Picture, v.Rows, v.Faults, v.Findings = nil, nil, nil, nil
	return err
}

func (e *exhibits) faults(v *scenarioView) (template.HTML, error) {
	var all template.HTML
	for _, f := range v.Faults {
		html, err := fragment("fault", f)
		if err != nil {
			return "", err
		}
		all += html
	}
	return all, nil
}

// fold packs what is not shown from the start.
func (r *requirementView) fold(rest *later) (err error) {
	if !r.Open() {
		r.Body, err = rest.put("requirement-body", *r)
		return err
	}
	i := slices.IndexFunc(r.Findings, func(f findingView) bool { return good(f.Verdict) })
	if i < 0 {
		return nil
	}
	passed := r.Findings[i:]
	r.Findings, r.Passes = r.Findings[:i], len(passed)
	for _, f := range passed {
		r.Passes += f.Alike
	}
	r.Passed, err = rest.put("findings", passed)
	return err
}
