package assess

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Waiver accepts a known breach: somebody has reviewed it and says until when
// it is not to be counted against the Device.
type Waiver struct {
	Requirement string `json:"requirement"`
	Scenario    string `json:"scenario,omitempty"` // glob over ids; empty: in every one
	// UndecidedBy is the requirement whose breach hides this one: where such a breach was
	// waived in the run, what is inconclusive here is waived as well. "": it is not.
	UndecidedBy string `json:"undecided_by,omitempty"`
	// Sometimes is of a breach that does not always show: that it is kept is not unexpected.
	Sometimes  bool   `json:"sometimes,omitempty"`
	Device     string `json:"device"` // glob over the target's name and di
	Edition    string `json:"edition"`
	Reason     string `json:"reason"`
	Reference  string `json:"reference"` // where it is tracked: an issue, a contract
	Expires    string `json:"expires"`   // the last day, in UTC, on which it holds: 2027-03-31
	ApprovedBy string `json:"approved_by"`
	At         string `json:"at"` // where it is written: waivers.yaml:3:3
}

// WaiverState is what became of a waiver in a run.
type WaiverState string

// The states. All but used and open are red: they end a run with exit code 1.
const (
	WaiverUsed       WaiverState = "used"            // a breach was found, and waived
	WaiverOpen       WaiverState = "open"            // neither a breach nor a pass was found
	WaiverUnexpected WaiverState = "unexpected-pass" // what it waives is kept by a Device that it names
	WaiverUnused     WaiverState = "unused"          // it names nothing of the run
	WaiverExpired    WaiverState = "expired"         // the run began after its last day
)

// WaiverResult is a waiver with what became of it.
type WaiverResult struct {
	Waiver
	State    WaiverState `json:"state"`
	Says     string      `json:"says"`
	Findings int         `json:"findings"` // that were waived
}

// Red reports whether the waiver itself is to be looked into.
func (w WaiverResult) Red() bool { return w.State != WaiverUsed && w.State != WaiverOpen }

// Covers reports whether w names the target and the edition.
func (w Waiver) Covers(target TargetName, edition string) bool {
	return w.Edition == edition && (glob(w.Device, target.Name) || glob(w.Device, target.DI))
}

// In reports whether w speaks of a scenario.
func (w Waiver) In(scenario string) bool { return w.Scenario == "" || glob(w.Scenario, scenario) }

// glob matches s as a whole; * stands for any characters, ? for any one.
func glob(pattern, s string) bool {
	expr := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + expr + `$`).MatchString(s)
}

// waiving is a waiver that names the target, at work.
type waiving struct {
	Waiver
	expired        bool
	waived, passed int
	breaches       int    // of those waived
	open           int    // findings that it would hide, but for a breach that was not seen
	where          string // the first scenario that passed
}

// waivings are the waivers that name the target. A waiver holds on the day on
// which the run began, in UTC: a run that is judged again later says the same.
func (r Run) waivings(began time.Time) []*waiving {
	var all []*waiving
	for _, w := range r.Waivers {
		if w.Covers(nameOf(r.Target, r.Identity), r.Edition) {
			all = append(all, &waiving{Waiver: w, expired: began.UTC().Format(time.DateOnly) > w.Expires})
		}
	}
	return all
}

// waive marks as Waived each breach in one scenario that a waiver covers, and keeps
// in it the verdict that it had.
func waive(all []*waiving, scenario string, judged map[string]conformance.Finding) {
	for _, w := range all {
		if w.expired || !w.In(scenario) {
			continue
		}
		switch f := judged[w.Requirement]; {
		case f.Verdict == conformance.Fail || f.Verdict == conformance.Warn:
			f.Verdict, f.Waived, f.Waiver = conformance.Waived, f.Verdict, w.At
			judged[w.Requirement] = f
			w.waived++
			w.breaches++
		case f.Verdict == conformance.Waived:
			w.waived++
			w.breaches++
		case f.Verdict == conformance.Pass:
			w.passed++
			if w.where == "" {
				w.where = scenario
			}
		}
	}
}

// hidden reports whether w waives what can't be concluded: a breach of the requirement that
// hides w's own was waived in this run.
func (w *waiving) hidden(all []*waiving) bool {
	return !w.expired && slices.ContainsFunc(all, func(by *waiving) bool {
		return by.Requirement == w.UndecidedBy && by.breaches > 0
	})
}

// undecided marks as Waived what is inconclusive because of a breach that is waived, in a
// scenario that speaks of it, or in any where the breach is one of the same requirement: then it
// is a breach that was not certain there. Of a Device that died in the scenario nothing else is seen.
func undecided(all []*waiving, run conformance.ScenarioRun, judged map[string]conformance.Finding) {
	for _, w := range all {
		f := judged[w.Requirement]
		speaks := slices.Contains(run.Requirements, w.Requirement)
		if _, _, dead := death(run.Timeline); f.Verdict == conformance.None && dead && speaks {
			f.Verdict, f.Reason, f.Witness = conformance.Inconclusive, "the Device died before anything else could be seen", -1
		}
		if w.UndecidedBy == "" || f.Verdict != conformance.Inconclusive || !speaks && w.UndecidedBy != w.Requirement || !w.In(run.ID) {
			continue
		}
		if !w.hidden(all) {
			w.open++
			continue
		}
		f.Verdict, f.Waived, f.Waiver = conformance.Waived, f.Verdict, w.At
		judged[w.Requirement] = f
		w.waived++
	}
}

// hides waives the row of a requirement of which nothing could be concluded at all, if a
// waiver without a scenario says that it is hidden.
func hides(all []*waiving, row *RequirementResult) {
	if slices.ContainsFunc(row.Findings, func(f conformance.Finding) bool { return f.Verdict == conformance.Inconclusive }) {
		return // of another cause, such as a condition that can't be had
	}
	for _, w := range all {
		if row.Verdict == conformance.Inconclusive && w.Requirement == row.ID && w.Scenario == "" && w.hidden(all) {
			row.Verdict = conformance.Waived
			w.waived++
		}
	}
}

// excuse waives what a scenario itself expects and did not see, where every
// breach of a requirement in it is waived: it broke for the same reason. Where no
// requirement says anything, the waiver has to name the scenario. A wait without an end is
// waived only where a waiver says that a breach hides what was waited for.
func excuse(all []*waiving, scenario string, judged map[string]conformance.Finding, checks []conformance.Finding) {
	waived, blind := "", ""
	for q := range judge.Each() {
		switch f := judged[q.ID]; {
		case f.Verdict == conformance.Fail:
			return
		case f.Waived == conformance.Fail && waived == "":
			waived = f.Waiver
		case f.Waived == conformance.Inconclusive && blind == "":
			blind = f.Waiver
		}
	}
	failed, stuck := ended(checks, conformance.Fail), ended(checks, conformance.Inconclusive)
	for _, w := range all {
		if w.expired || w.Scenario == "" || !w.In(scenario) || waived != "" {
			continue
		}
		switch {
		case failed:
			waived = w.At
			w.waived++
		case stuck && blind == "" && w.hidden(all):
			blind = w.At
			w.waived++
		case !stuck:
			w.passes(scenario, checks)
		}
	}
	if waived != "" && slices.ContainsFunc(all, func(w *waiving) bool { return w.hidden(all) }) {
		blind = waived
	}
	for i, f := range checks {
		by := map[conformance.Verdict]string{conformance.Fail: waived, conformance.Inconclusive: blind}[f.Verdict]
		if by != "" {
			checks[i].Verdict, checks[i].Waived, checks[i].Waiver = conformance.Waived, f.Verdict, by
		}
	}
}

// ended reports whether one of the checks has this verdict.
func ended(checks []conformance.Finding, v conformance.Verdict) bool {
	return slices.ContainsFunc(checks, func(f conformance.Finding) bool { return f.Verdict == v })
}

// passes notes that a scenario passed, if one of its own checks did.
func (w *waiving) passes(scenario string, checks []conformance.Finding) {
	if !slices.ContainsFunc(checks, func(f conformance.Finding) bool { return f.Verdict == conformance.Pass }) {
		return
	}
	w.passed++
	if w.where == "" {
		w.where = scenario
	}
}

// concluded says what became of w.
func (r Run) concluded(w *waiving) WaiverResult {
	out := WaiverResult{Waiver: w.Waiver, Findings: w.waived}
	matching := slices.ContainsFunc(r.Scenarios, func(run conformance.ScenarioRun) bool { return run.Skipped == "" && w.In(run.ID) })
	excluded := ""
	for _, q := range judge.Every() {
		if q.ID == w.Requirement {
			excluded = q.Excluded(r.Target)
		}
	}
	switch {
	case w.expired:
		out.State, out.Says = WaiverExpired, "it held until "+w.Expires
	case w.waived > 0:
		out.State, out.Says = WaiverUsed, fmt.Sprintf("%d findings waived", w.waived)
		if w.waived == 1 {
			out.Says = "1 finding waived"
		}
	case w.passed > 0 && w.Sometimes:
		out.State, out.Says = WaiverOpen, fmt.Sprintf("%s passed in %s; it is broken only sometimes", w.Requirement, w.where)
	case w.passed > 0 && w.UndecidedBy != "" && r.Partial:
		out.State, out.Says = WaiverOpen, fmt.Sprintf("%s passed in %s; the selection lacks other scenarios that the waiver speaks of", w.Requirement, w.where)
	case w.passed > 0 && w.open > 0:
		out.State, out.Says = WaiverOpen, fmt.Sprintf("%s passed in %s, and could not be concluded in %d other scenarios that the waiver speaks of", w.Requirement, w.where, w.open)
	case w.passed > 0:
		out.State = WaiverUnexpected
		out.Says = fmt.Sprintf("%s passed in %s, and failed nowhere: take the waiver out", w.Requirement, w.where)
	case excluded != "":
		out.State, out.Says = WaiverUnused, "not applicable: "+excluded
	case !matching && r.Partial:
		out.State, out.Says = WaiverOpen, "the selection has no scenario that it speaks of"
	case !matching:
		out.State, out.Says = WaiverUnused, "no scenario that was run has an id like "+w.Scenario
	default:
		out.State, out.Says = WaiverOpen, w.Requirement+" was neither kept nor broken where the waiver speaks of it"
	}
	return out
}

// review adds what became of each waiver, and makes the report red where one of
// them is.
func (report *Report) review(all []WaiverResult) {
	report.Waivers = append(report.Waivers, all...)
	for _, w := range all {
		if !w.Red() {
			continue
		}
		if report.Reason == "" {
			report.Reason = fmt.Sprintf("the waiver of %s at %s is %s", w.Requirement, w.At, w.State)
		}
		report.Verdict = conformance.Worst(report.Verdict, conformance.Fail)
	}
}

// Unmatched is the report with waivers that name no target of the run at all.
// They are unused where everything was run: who selects scenarios often has one
// Device at hand too.
func (report Report) Unmatched(waivers []Waiver) Report {
	report.Waivers = slices.Clone(report.Waivers)
	var all []WaiverResult
	for _, w := range waivers {
		says := fmt.Sprintf("no target of the run has a name or a di like %s", w.Device)
		if w.Edition != report.Edition {
			says = fmt.Sprintf("the run is judged by %s, the waiver is of %s", report.Edition, w.Edition)
		}
		state := WaiverUnused
		if report.Partial {
			state = WaiverOpen
		}
		all = append(all, WaiverResult{Waiver: w, State: state, Says: says})
	}
	report.review(all)
	return report
}
