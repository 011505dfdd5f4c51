package assess

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

func waiverFor(requirement string) Waiver {
	return Waiver{Requirement: requirement, Device: "la?p*", Edition: "ocf-1.0", Reason: "known", Reference: "X-1", Expires: "2026-01-01", ApprovedBy: "r", At: "w.yaml:1:3"}
}

// TestWaived lets a waiver stand in for a breach, and never for what was not
// broken: nothing waived is counted as passed, and the breach stays visible.
func TestWaived(t *testing.T) {
	good := ran(t, "good", goodCheck, "SVV-6", "SVV-8")
	bad := ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")
	failed := bad
	failed.Err = "hook failed"
	lamp := conformance.Profile{Name: "lamp", DI: "d1", Supports: conformance.Supports{Validation: true}}
	named := waiverFor("SVV-6")
	named.Scenario = "go*"
	for _, c := range []struct {
		name     string
		waivers  []Waiver
		runs     []conformance.ScenarioRun
		row      conformance.Verdict
		scenario conformance.Verdict // of the last
		report   conformance.Verdict
		state    WaiverState
	}{
		{"a breach", []Waiver{waiverFor("SVV-6")}, []conformance.ScenarioRun{good, bad}, conformance.Waived, conformance.Waived, conformance.Inconclusive, WaiverUsed},
		{"a breach elsewhere", []Waiver{named}, []conformance.ScenarioRun{good, bad}, conformance.Fail, conformance.Fail, conformance.Fail, WaiverUnexpected},
		{"a pass", []Waiver{waiverFor("SVV-6")}, []conformance.ScenarioRun{good}, conformance.Pass, conformance.Pass, conformance.Fail, WaiverUnexpected},
		{"not concluded", []Waiver{waiverFor("SVV-12")}, []conformance.ScenarioRun{good}, conformance.Inconclusive, conformance.Pass, conformance.Inconclusive, WaiverOpen},
		{"an error is not waived", []Waiver{waiverFor("SVV-6")}, []conformance.ScenarioRun{failed}, conformance.Waived, conformance.Error, conformance.Error, WaiverUsed},
	} {
		r := Run{Edition: "ocf-1.0", Target: lamp, Scenarios: c.runs, Waivers: c.waivers}.Assess()
		row := rowOf(t, r, c.waivers[0].Requirement)
		if row.Verdict != c.row || r.Scenarios[len(r.Scenarios)-1].Verdict != c.scenario || r.Verdict != c.report {
			t.Errorf("%s: requirement %s, scenario %s, report %s (%s)", c.name, row.Verdict, r.Scenarios[len(r.Scenarios)-1].Verdict, r.Verdict, r.Reason)
		}
		if len(r.Waivers) != 1 || r.Waivers[0].State != c.state || r.Waivers[0].Says == "" {
			t.Errorf("%s: %+v, want %s", c.name, r.Waivers, c.state)
		}
		if c.row == conformance.Waived {
			f := row.Findings[len(row.Findings)-1]
			if f.Waived != conformance.Fail || f.Waiver != "w.yaml:1:3" || f.Reason == "" {
				t.Errorf("%s: what was waived is not to be seen: %+v", c.name, f)
			}
		}
	}
}

// TestWaiverNames holds the globs and the day to what they say.
func TestWaiverNames(t *testing.T) {
	target := TargetName{Name: "lamp 3", DI: "5e3f"}
	for pattern, want := range map[string]bool{
		"lamp 3": true, "lamp*": true, "*3": true, "l?mp*": true, "5e3?": true, "*": true,
		"lamp": false, "Lamp*": false, "": false, "l[a]mp*": false, "5e": false,
	} {
		if got := (Waiver{Device: pattern, Edition: "e"}).Covers(target, "e"); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
	if (Waiver{Device: "*", Edition: "e"}).Covers(target, "f") {
		t.Error("a waiver of another edition holds")
	}
	bad := ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")
	for day, want := range map[string]conformance.Verdict{"2025-12-31": conformance.Fail, "2026-01-01": conformance.Waived, "2026-01-02": conformance.Waived} {
		w := waiverFor("SVV-6")
		w.Device, w.Expires = "*", day
		r := Run{Edition: "ocf-1.0", Target: conformance.Profile{Supports: conformance.Supports{Validation: true}}, Scenarios: []conformance.ScenarioRun{bad}, Waivers: []Waiver{w}}.Assess()
		if got := rowOf(t, r, "SVV-6").Verdict; got != want {
			t.Errorf("the run began on 2026-01-01, the waiver holds until %s: %s, want %s", day, got, want)
		}
	}
}

// TestUnmatchedWaivers are red after a whole run and not after a selection.
func TestUnmatchedWaivers(t *testing.T) {
	for partial, want := range map[bool]WaiverState{false: WaiverUnused, true: WaiverOpen} {
		r := Report{Verdict: conformance.Pass, Edition: "ocf-1.0", Partial: partial}.Unmatched([]Waiver{waiverFor("SVV-6")})
		if r.Waivers[0].State != want || (r.Verdict == conformance.Fail) != (want == WaiverUnused) {
			t.Errorf("partial %v: %s, verdict %s", partial, r.Waivers[0].State, r.Verdict)
		}
	}
}

// TestUndecidedBy waives what can't be concluded only where the breach that hides it was
// found, and waived, in the same run.
func TestUndecidedBy(t *testing.T) {
	// tm never shows the check, though the source holds its answer: SVV-10 is broken, and
	// SVV-8 can't be concluded
	hidden := ran(t, "hidden", "update-available\nobserve tm=- cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP\nhold\npost tm=V 2.04\nsleep 200ms\n"+
		"get tm=- cm=- dos=RFNOP\nsleep 200ms\nget tm=- cm=- dos=RFNOP\nrelease\nnotify 12 tm=- cm=V dos=RFNOP\nsleep 1s\nget tm=- cm=V dos=RFNOP", "SVV-8", "SVV-10")
	plain := ran(t, "plain", "get tm=- cm=- dos=RFNOP\npost tm=V 2.04\nget tm=V cm=- dos=RFNOP", "SVV-8", "SVV-10")
	undecided := waiverFor("SVV-8")
	undecided.UndecidedBy, undecided.At = "SVV-10", "w.yaml:9:3"
	for name, c := range map[string]struct {
		run     conformance.ScenarioRun
		waivers []Waiver
		want    conformance.Verdict // of SVV-8
	}{
		"the breach is waived":         {hidden, []Waiver{waiverFor("SVV-10"), undecided}, conformance.Waived},
		"in either order":              {hidden, []Waiver{undecided, waiverFor("SVV-10")}, conformance.Waived},
		"the breach is not waived":     {hidden, []Waiver{undecided}, conformance.Inconclusive},
		"there is no breach":           {plain, []Waiver{waiverFor("SVV-10"), undecided}, conformance.Inconclusive},
		"nobody says that it hides it": {hidden, []Waiver{waiverFor("SVV-10"), waiverFor("SVV-8")}, conformance.Inconclusive},
	} {
		lamp := conformance.Profile{Name: "lamp", Supports: conformance.Supports{Validation: true}}
		r := Run{Edition: "ocf-1.0", Target: lamp, Scenarios: []conformance.ScenarioRun{c.run}, Waivers: c.waivers}.Assess()
		if got := rowOf(t, r, "SVV-8"); got.Verdict != c.want {
			t.Errorf("%s: SVV-8 is %s (%s), want %s; SVV-10 is %s", name, got.Verdict, got.Reason, c.want, rowOf(t, r, "SVV-10").Verdict)
		}
	}
}

// TestAPassBesideWhatIsOpen: who waives what can't be concluded has not been refuted by a pass, as
// long as other scenarios are not concluded, for want of conditions or of the breach that hides them.
func TestAPassBesideWhatIsOpen(t *testing.T) {
	good := ran(t, "good", goodCheck, "SVV-8")
	plain := ran(t, "plain", "get tm=- cm=- dos=RFNOP\npost tm=V 2.04\nget tm=V cm=- dos=RFNOP", "SVV-8")
	other := plain
	other.Requirements = []string{"SVV-1"}
	undecided, elsewhere := waiverFor("SVV-8"), waiverFor("SVV-8")
	undecided.UndecidedBy, elsewhere.UndecidedBy, elsewhere.Scenario = "SVV-10", "SVV-10", "good"
	for name, c := range map[string]struct {
		runs    []conformance.ScenarioRun
		waiver  Waiver
		partial bool
		want    WaiverState
		report  conformance.Verdict
	}{
		"one passed, one is open":         {[]conformance.ScenarioRun{good, plain}, undecided, false, WaiverOpen, conformance.Inconclusive},
		"all passed":                      {[]conformance.ScenarioRun{good}, undecided, false, WaiverUnexpected, conformance.Fail},
		"all that was selected passed":    {[]conformance.ScenarioRun{good}, undecided, true, WaiverOpen, conformance.Pass},
		"what is open speaks of another":  {[]conformance.ScenarioRun{good, other}, undecided, false, WaiverUnexpected, conformance.Fail},
		"the waiver is of what passed":    {[]conformance.ScenarioRun{good, plain}, elsewhere, false, WaiverUnexpected, conformance.Fail},
		"the waiver is of a breach alone": {[]conformance.ScenarioRun{good, plain}, waiverFor("SVV-8"), false, WaiverUnexpected, conformance.Fail},
		"of a breach, in a selection":     {[]conformance.ScenarioRun{good}, waiverFor("SVV-8"), true, WaiverUnexpected, conformance.Fail},
	} {
		lamp := conformance.Profile{Name: "lamp", Supports: conformance.Supports{Validation: true}}
		r := Run{Edition: "ocf-1.0", Target: lamp, Scenarios: c.runs, Waivers: []Waiver{c.waiver}, Partial: c.partial}.Assess()
		if w := r.Waivers[0]; w.State != c.want || r.Verdict != c.report {
			t.Errorf("%s: the waiver is %s (%s), want %s; the report is %s (%s), want %s", name, w.State, w.Says, c.want, r.Verdict, r.Reason, c.report)
		}
	}
}
