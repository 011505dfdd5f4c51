package assess

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhatBecomesOfAWaiver tells each case as a lab would argue it: what was
// run, what is waived, and what the report then says of waiver, scenario and run.
func TestWhatBecomesOfAWaiver(t *testing.T) {
	broken := strings.ReplaceAll(goodCheck, "cm=V", "cm=-")
	good := ran(t, "check.good", goodCheck, "SVV-6")
	bad := ran(t, "check.bad", broken, "SVV-6")
	again := ran(t, "check.worse", broken, "SVV-6")
	other := ran(t, "check.other", goodCheck, "SVV-6")
	warned := ran(t, "cm.written", "get tm=- cm=- dos=RFNOP\npost cm=V 2.04\nend tm=- cm=- dos=RFNOP\n", "DPM-12")
	skipped := ran(t, "other.skipped", broken)
	skipped.Skipped = "pics"
	expecting := func(run conformance.ScenarioRun, id string, rows ...conformance.Row) conformance.ScenarioRun {
		run.ID, run.Requirements = id, nil
		run.Timeline.Expectations = []conformance.Expectation{{Text: "it is so", Form: conformance.NeverDuring, Client: "privileged", Rows: rows}}
		return run
	}
	unmet := expecting(good, "expects.unmet", conformance.Row{TM: "V"})
	met := expecting(good, "expects.met", conformance.Row{TM: "U"})
	both := expecting(bad, "expects.both", conformance.Row{TM: "V"})
	of := func(requirement, scenario string) Waiver {
		w := waiverFor(requirement)
		w.Device, w.Scenario = "lamp", scenario
		return w
	}
	expired := of("SVV-6", "")
	expired.Expires = "2025-12-31"
	expiredHere := of("SVV-6", "expects.*")
	expiredHere.Expires = "2025-12-31"
	elsewhere := of("SVV-6", "")
	elsewhere.Device = "radio"
	sometimes, seldom := of("SVV-6", ""), of("SVV-12", "")
	sometimes.Sometimes, seldom.Sometimes = true, true
	second := of("SVV-6", "")
	second.At = "w.yaml:9:3"
	target := conformance.Profile{Name: "lamp", Supports: conformance.Supports{Validation: true}}
	for _, c := range []struct {
		name    string
		waivers []Waiver
		runs    []conformance.ScenarioRun
		partial bool
		want    string // waivers; scenarios; run
	}{
		{"one breach", []Waiver{of("SVV-6", "")}, []conformance.ScenarioRun{bad}, true, "used: 1 finding waived; waived; waived "},
		{"two breaches", []Waiver{of("SVV-6", "")}, []conformance.ScenarioRun{bad, good, again}, true, "used: 2 findings waived; waived, pass, waived; waived "},
		{"a warning", []Waiver{of("DPM-12", "")}, []conformance.ScenarioRun{warned}, true, "used: 1 finding waived; waived; waived "},
		{"two of the same", []Waiver{of("SVV-6", ""), second}, []conformance.ScenarioRun{bad}, true, "used: 1 finding waived, used: 1 finding waived; waived; waived "},
		{"it held until yesterday", []Waiver{expired}, []conformance.ScenarioRun{bad}, true, "expired: it held until 2025-12-31; fail; fail the waiver of SVV-6 at w.yaml:1:3 is expired"},
		{"it passed, and then again", []Waiver{of("SVV-6", "")}, []conformance.ScenarioRun{good, other}, true, "unexpected-pass: SVV-6 passed in check.good, and failed nowhere: take the waiver out; pass, pass; fail the waiver of SVV-6 at w.yaml:1:3 is unexpected-pass"},
		{"of another Device", []Waiver{elsewhere}, []conformance.ScenarioRun{bad}, true, "; fail; fail "},
		{"not applicable", []Waiver{of("SSU-6", "")}, []conformance.ScenarioRun{good}, false, "unused: not applicable: the target does not claim software update (supports.update); pass; fail the waiver of SSU-6 at w.yaml:1:3 is unused"},
		{"of no scenario", []Waiver{of("SVV-6", "nothing.*")}, []conformance.ScenarioRun{good}, false, "unused: no scenario that was run has an id like nothing.*; pass; fail the waiver of SVV-6 at w.yaml:1:3 is unused"},
		{"of no scenario selected", []Waiver{of("SVV-6", "nothing.*")}, []conformance.ScenarioRun{good}, true, "open: the selection has no scenario that it speaks of; pass; pass "},
		{"of a scenario that was skipped", []Waiver{of("SVV-6", "other.*")}, []conformance.ScenarioRun{good, skipped}, false, "unused: no scenario that was run has an id like other.*; pass, not-applicable; fail the waiver of SVV-6 at w.yaml:1:3 is unused"},
		{"neither kept nor broken", []Waiver{of("SVV-12", "")}, []conformance.ScenarioRun{good}, true, "open: SVV-12 was neither kept nor broken where the waiver speaks of it; pass; pass "},
		{"it passed, and is broken only sometimes", []Waiver{sometimes}, []conformance.ScenarioRun{good}, true, "open: SVV-6 passed in check.good; it is broken only sometimes; pass; pass "},
		{"it is broken, and only sometimes", []Waiver{sometimes}, []conformance.ScenarioRun{bad, good}, true, "used: 1 finding waived; waived, pass; waived "},
		{"it is broken only sometimes, and was not seen", []Waiver{seldom}, []conformance.ScenarioRun{good}, true, "open: SVV-12 was neither kept nor broken where the waiver speaks of it; pass; pass "},
		{"an expectation, for the same reason", []Waiver{of("SVV-6", "")}, []conformance.ScenarioRun{both}, true, "used: 1 finding waived; waived; waived "},
		{"an expectation, for no reason", []Waiver{of("SVV-6", "")}, []conformance.ScenarioRun{unmet}, true, "unexpected-pass: SVV-6 passed in expects.unmet, and failed nowhere: take the waiver out; inconclusive; fail the waiver of SVV-6 at w.yaml:1:3 is unexpected-pass"},
		{"an expectation that is named", []Waiver{of("SVV-12", "expects.*")}, []conformance.ScenarioRun{unmet}, true, "used: 1 finding waived; waived; waived "},
		{"an expectation of another name", []Waiver{of("SVV-12", "other.*")}, []conformance.ScenarioRun{unmet}, true, "open: the selection has no scenario that it speaks of; inconclusive; inconclusive "},
		{"an expectation that is named, too late", []Waiver{expiredHere}, []conformance.ScenarioRun{unmet}, true, "expired: it held until 2025-12-31; inconclusive; fail the waiver of SVV-6 at w.yaml:1:3 is expired"},
		{"an expectation that is met", []Waiver{of("SVV-12", "expects.*")}, []conformance.ScenarioRun{met}, true, "unexpected-pass: SVV-12 passed in expects.met, and failed nowhere: take the waiver out; pass; fail the waiver of SVV-12 at w.yaml:1:3 is unexpected-pass"},
		{"an expectation beside a breach that nobody waived", []Waiver{of("SVV-12", "expects.*")}, []conformance.ScenarioRun{both}, true, "open: SVV-12 was neither kept nor broken where the waiver speaks of it; fail; fail "},
	} {
		r := Run{Edition: "ocf-1.0", Target: target, Scenarios: c.runs, Waivers: c.waivers, Partial: c.partial}.Assess()
		var waivers, scenarios []string
		for _, w := range r.Waivers {
			waivers = append(waivers, fmt.Sprintf("%s: %s", w.State, w.Says))
		}
		for _, s := range r.Scenarios {
			scenarios = append(scenarios, string(s.Verdict))
		}
		verdict := fmt.Sprintf("%s %s", r.Verdict, r.Reason)
		got := strings.Join(waivers, ", ") + "; " + strings.Join(scenarios, ", ") + "; " + verdict
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestWhatIsSaidOfAWaiverOfNoTarget: of another Device, or of another edition.
func TestWhatIsSaidOfAWaiverOfNoTarget(t *testing.T) {
	w := waiverFor("SVV-6")
	old := Report{Verdict: conformance.Pass, Edition: "ocf-1.0", Waivers: make([]WaiverResult, 0, 4)}
	r := old.Unmatched([]Waiver{w})
	if got := r.Waivers[0].Says; got != "no target of the run has a name or a di like la?p*" {
		t.Error(got)
	}
	if r.Reason != "the waiver of SVV-6 at w.yaml:1:3 is unused" {
		t.Error(r.Reason)
	}
	if len(old.Waivers) != 0 || old.Waivers[:1][0].Says != "" {
		t.Error("the report that was given is changed")
	}
	w.Edition = "ocf-2.2"
	if got := old.Unmatched([]Waiver{w}).Waivers[0].Says; got != "the run is judged by ocf-1.0, the waiver is of ocf-2.2" {
		t.Error(got)
	}
	said := Report{Verdict: conformance.Error, Reason: "hook", Edition: "ocf-1.0"}.Unmatched([]Waiver{w})
	if said.Reason != "hook" || said.Verdict != conformance.Error {
		t.Errorf("%s, %s", said.Verdict, said.Reason)
	}
}

// TestAWaiverHoldsForADayInUTC, wherever the machine is that ran.
func TestAWaiverHoldsForADayInUTC(t *testing.T) {
	w := waiverFor("SVV-6")
	w.Expires = "2026-01-01"
	r := Run{Edition: "ocf-1.0", Target: conformance.Profile{Name: "lamp"}, Waivers: []Waiver{w}}
	east := time.FixedZone("east", 14*3600)
	for began, want := range map[time.Time]bool{
		time.Date(2026, 1, 2, 10, 0, 0, 0, east):       false,
		time.Date(2026, 1, 2, 15, 0, 0, 0, east):       true,
		time.Date(2026, 1, 1, 23, 59, 59, 0, time.UTC): false,
	} {
		if got := r.waivings(began)[0].expired; got != want {
			t.Errorf("%v: expired %v", began, got)
		}
	}
	w.Device = "radio"
	r.Waivers = append(r.Waivers, w)
	if n := len(r.waivings(time.Time{})); n != 1 {
		t.Errorf("%d waivers at work, want that of the Device alone", n)
	}
}
