package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// partial is a report of these runs alone.
func partial(runs []conformance.ScenarioRun, waivers ...Waiver) Report {
	lamp := conformance.Profile{Name: "lamp", DI: "d1", Supports: conformance.Supports{Validation: true}, Timing: defaults.Timing}
	return Run{Edition: "ocf-1.0", Target: lamp, Partial: true, Scenarios: runs, Waivers: waivers}.Assess()
}

// TestNothingGoodIsNoPass: a report in which nothing passed is no pass, whatever
// else is in it.
func TestNothingGoodIsNoPass(t *testing.T) {
	good := ran(t, "good", goodCheck, "SVV-6")
	bad := ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")
	warned := ran(t, "warn", "get tm=- cm=- dos=RFNOP\npost cm=V 2.04\nend tm=- cm=- dos=RFNOP\n", "DPM-12")
	for _, c := range []struct {
		name    string
		report  Report
		verdict conformance.Verdict
		reason  string
		exit    int
	}{
		{"skipped", partial([]conformance.ScenarioRun{{ID: "a", Requirements: []string{"SVV-6"}, Skipped: "pics"}}), conformance.Inconclusive, "nothing was judged", 3},
		{"nothing ran", partial(nil), conformance.Error, "no scenario ran", 4},
		{"waived beside a pass", partial([]conformance.ScenarioRun{bad, good}, waiverFor("SVV-6")), conformance.Waived, "", 0},
		{"waived beside a warning", partial([]conformance.ScenarioRun{bad, warned}, waiverFor("SVV-6")), conformance.Waived, "", 0},
	} {
		if c.report.Verdict != c.verdict || c.report.Reason != c.reason || c.report.ExitCode() != c.exit {
			t.Errorf("%s: %s (%s), exit %d", c.name, c.report.Verdict, c.report.Reason, c.report.ExitCode())
		}
	}
	if r := partial(nil, waiverFor("SVV-6")); len(r.Waivers) != 0 {
		t.Errorf("nothing ran, and of the waiver it is said: %+v", r.Waivers)
	}
}

// TestASkippedScenarioExcusesNoOther: a requirement is not applicable where every
// scenario that speaks of it is. One that ran and showed nothing of it leaves it open.
func TestASkippedScenarioExcusesNoOther(t *testing.T) {
	skipped := conformance.ScenarioRun{ID: "skipped", Requirements: []string{"SVV-6"}, Skipped: "pics"}
	empty := ran(t, "empty", "get tm=- cm=- dos=RFNOP\n", "SVV-6")
	row := partial([]conformance.ScenarioRun{skipped, empty}).Requirements[0]
	if row.Verdict != conformance.Inconclusive || !strings.HasPrefix(row.Reason, "scenario empty speaks of it") {
		t.Errorf("%s (%s), want inconclusive", row.Verdict, row.Reason)
	}
	if row := partial([]conformance.ScenarioRun{skipped}).Requirements[0]; row.Verdict != conformance.NotApplicable || row.Reason != "pics" {
		t.Errorf("%s (%s), want not-applicable", row.Verdict, row.Reason)
	}
}

// TestAllWaivedIsNoPass: where what is waived is all there is, nothing passed.
func TestAllWaivedIsNoPass(t *testing.T) {
	lacks := ran(t, "lacks", "get tm=- cm=- dos=RFNOP lacks=cm\n")
	broken := partial([]conformance.ScenarioRun{lacks}).Requirements
	if len(broken) != 1 || broken[0].Verdict != conformance.Fail {
		t.Fatalf("broken: %+v", broken)
	}
	r := partial([]conformance.ScenarioRun{lacks}, waiverFor(broken[0].ID))
	if r.Verdict != conformance.Inconclusive || r.Reason != "nothing passed: all that was judged is waived" || r.ExitCode() != 3 {
		t.Errorf("%s (%s), exit %d", r.Verdict, r.Reason, r.ExitCode())
	}
	if row := r.Requirements[0]; row.Verdict != conformance.Waived || row.Reason == "" || row.Reason != broken[0].Findings[0].Reason {
		t.Errorf("what is waived says nothing: %+v", row)
	}
}

// TestWhatARunSaysOfItself: each row has its own words, and each finding its place.
func TestWhatARunSaysOfItself(t *testing.T) {
	bad := strings.ReplaceAll(goodCheck, "cm=V", "cm=-")
	skipped := ran(t, "skip", bad, "SVV-6")
	skipped.Skipped = "pics"
	failed := ran(t, "err", goodCheck, "SVV-6")
	failed.Err = "hook"
	gate := ran(t, "gate", goodCheck, "SVV-6", "SVV-12")
	gate.NotTestable = "no gate"
	for _, c := range []struct {
		name    string
		run     conformance.ScenarioRun
		id      string
		verdict conformance.Verdict
		reason  string
		witness int // of the only finding; -2: there is none
	}{
		{"what was skipped broke nothing", skipped, "SVV-6", conformance.NotApplicable, "pics", -1},
		{"and says nothing of what it was not about", skipped, "SVV-12", conformance.Inconclusive, "never exercised", -2},
		{"an error has no witness", failed, "SVV-6", conformance.Error, "hook", -1},
		{"what can't be tested has none", gate, "SVV-12", conformance.Inconclusive, "not testable: no gate", -1},
		{"what passed nevertheless has passed", gate, "SVV-6", conformance.Pass, "", 13},
		{"and of the rest nothing is said", gate, "SVV-13", conformance.Inconclusive, "never exercised", -2},
	} {
		r := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{c.run})
		row := rowOf(t, r, c.id)
		if row.Verdict != c.verdict || row.Reason != c.reason {
			t.Errorf("%s: %s (%s)", c.name, row.Verdict, row.Reason)
		}
		switch {
		case c.witness == -2 && len(row.Findings) != 0, c.witness != -2 && len(row.Findings) != 1:
			t.Errorf("%s: findings %+v", c.name, row.Findings)
		case c.witness == -1 && row.Findings[0].Witness != -1, c.witness >= 0 && row.Findings[0].Witness < 0:
			t.Errorf("%s: witness %d", c.name, row.Findings[0].Witness)
		}
	}
	none := defaults
	none.Supports.Validation = false
	row := rowOf(t, Of(none, "ocf-1.0", []conformance.ScenarioRun{ran(t, "bad", bad, "SVV-6")}), "SVV-6")
	if row.Verdict != conformance.NotApplicable || len(row.Findings) != 0 {
		t.Errorf("not claimed, and judged: %+v", row)
	}
	idle := ran(t, "idle", "get tm=- cm=- dos=RFNOP\n", "SVV-12")
	if row := rowOf(t, partial([]conformance.ScenarioRun{idle, ran(t, "other", goodCheck, "SVV-6")}), "SVV-12"); row.Verdict != conformance.Inconclusive {
		t.Errorf("the first of two scenarios speaks of it: %+v", row)
	}
}

// TestExpectationsOfARow: two of the same words are two, and each says where it
// comes from.
func TestExpectationsOfARow(t *testing.T) {
	run := ran(t, "x", goodCheck, "SVV-6")
	run.Tags = []string{"@SVV-6", "@S1"}
	run.Timeline.Expectations = []conformance.Expectation{
		{Text: "so it is", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "V"}}},
		{Text: "so it is", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "U"}}},
	}
	row := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{run}).Scenarios[0]
	if len(row.Checks) != 2 || row.Checks[0].Verdict != conformance.Inconclusive || row.Checks[1].Verdict != conformance.Pass {
		t.Errorf("%+v", row.Checks)
	}
	for _, f := range row.Checks {
		if f.Scenario != "x" {
			t.Errorf("from scenario %q", f.Scenario)
		}
	}
	if len(row.Tags) != 2 {
		t.Errorf("tags %v", row.Tags)
	}
}

// TestARequestThatIsRefusedEndsNothing: where a Device may refuse, a scenario
// that expects an end is not failed by how pstat was before.
func TestARequestThatIsRefusedEndsNothing(t *testing.T) {
	for _, c := range []struct {
		answer, end string
		want        conformance.Verdict
	}{
		{"4.00", "tm=- cm=U dos=RFNOP", conformance.Inconclusive},
		{"2.04", "tm=- cm=U dos=RFNOP", conformance.Fail},
		{"4.00", "tm=U cm=U dos=RFNOP", conformance.Fail}, // it is not as it was
		{"4.00", "tm=- cm=U dos=RFPRO", conformance.Fail},
	} {
		run := ran(t, "x", "get tm=- cm=U dos=RFNOP\npost tm=U "+c.answer+"\nwait timeout\nsleep 9s\nget "+c.end+"\n", "SSU-6")
		run.Timeline.Expectations = []conformance.Expectation{{Text: "pstat ends with", Form: conformance.EndsWith, Client: "privileged", From: 2, Upto: 99, Rows: []conformance.Row{{TM: "-", CM: "V?"}}}}
		checks := judge.Scenario(run.Timeline, judge.Known{}).Expectations
		if checks[0].Verdict != c.want {
			t.Errorf("answered %s, then %s: %s (%s)", c.answer, c.end, checks[0].Verdict, checks[0].Reason)
		}
	}
}

// TestEveryVerdictIsCounted: also those that nothing has, as zero.
func TestEveryVerdictIsCounted(t *testing.T) {
	counts := Run{}.head().Counts
	for _, v := range []conformance.Verdict{conformance.Pass, conformance.Warn, conformance.Fail, conformance.Inconclusive, conformance.NotApplicable, conformance.Error, conformance.Waived} {
		if n, ok := counts[v]; !ok || n != 0 {
			t.Errorf("%s: %d, %v", v, n, ok)
		}
	}
	if len(counts) != 7 {
		t.Errorf("%v", counts)
	}
	began := ran(t, "x", goodCheck)
	if r := (Run{Scenarios: []conformance.ScenarioRun{began, {Duration: time.Hour}}}).head(); !r.Started.Equal(began.Timeline.Header.Started) || r.DurationS != 1 {
		t.Errorf("a scenario that recorded nothing is when it began: %v, %g s", r.Started, r.DurationS)
	}
}

// TestSilenceAfterARestart: a Device that was restarted may be silent for as
// long as it declared, whatever was done after the restart.
func TestSilenceAfterARestart(t *testing.T) {
	for _, c := range []struct {
		name, script string
		verdict      conformance.Verdict
	}{
		{"restarted", "get tm=- cm=- dos=RFNOP\nreboot\nget lost\n", conformance.Inconclusive},
		{"restarted, and held", "get tm=- cm=- dos=RFNOP\nreboot\nhold\nget lost\n", conformance.Inconclusive},
		{"held alone", "get tm=- cm=- dos=RFNOP\nhold\nget lost\n", conformance.Error},
		{"not restarted", "get tm=- cm=- dos=RFNOP\nasked reboot\nget lost\n", conformance.Error},
		{"never there", "get lost\n", conformance.Error},
	} {
		run := ran(t, "x", c.script)
		row := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{run}).Scenarios[0]
		if row.Verdict != c.verdict {
			t.Errorf("%s: %s (%s), want %s", c.name, row.Verdict, row.Reason, c.verdict)
		}
	}
}
