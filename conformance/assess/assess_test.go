package assess

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

const goodCheck = `
update-available
begin tm=- cm=- dos=RFNOP
post tm=V 2.04
both 11 tm=V cm=- dos=RFNOP
source checks=1 holding=1
sleep 200ms
get tm=V cm=- dos=RFNOP
release
both 12 tm=V cm=V dos=RFNOP
both 13 tm=- cm=V dos=RFNOP
end tm=- cm=V dos=RFNOP
`

func ran(t *testing.T, id, script string, requirements ...string) conformance.ScenarioRun {
	t.Helper()
	tl := play(t, script)
	tl.Header.Started = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return conformance.ScenarioRun{ID: id, Requirements: requirements, Timeline: tl, File: "timelines/" + id + ".jsonl", Duration: time.Second}
}

func rowOf(t *testing.T, r Report, id string) RequirementResult {
	t.Helper()
	for _, row := range r.Requirements {
		if row.ID == id {
			return row
		}
	}
	t.Fatalf("no row for %s", id)
	return RequirementResult{}
}

func TestAssess(t *testing.T) {
	good := ran(t, "good", goodCheck, "SVV-6", "SVV-8")
	for _, c := range []struct {
		name     string
		runs     []conformance.ScenarioRun
		scenario conformance.Verdict // of the first
		reason   string              // of the first, or of the report where there is none
		id       string
		verdict  conformance.Verdict
		report   conformance.Verdict
		exit     int
	}{
		{"a witness", []conformance.ScenarioRun{good}, conformance.Pass, "", "SVV-6", conformance.Pass, conformance.Inconclusive, 3},
		{"never exercised", []conformance.ScenarioRun{good}, conformance.Pass, "", "SVV-12", conformance.Inconclusive, conformance.Inconclusive, 3},
		{"of Clients", []conformance.ScenarioRun{good}, conformance.Pass, "", "USE-1", conformance.NotApplicable, conformance.Inconclusive, 3},
		{"unsecured", []conformance.ScenarioRun{good}, conformance.Pass, "", "SVV-3", conformance.NotApplicable, conformance.Inconclusive, 3},
		{"not declared", []conformance.ScenarioRun{good}, conformance.Pass, "", "AUT-2", conformance.NotApplicable, conformance.Inconclusive, 3},
		{
			"a breach",
			[]conformance.ScenarioRun{ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")},
			conformance.Fail, "SVV-6: ", "SVV-6", conformance.Fail, conformance.Fail, 1,
		},
		{
			"a breach of another requirement",
			[]conformance.ScenarioRun{ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "OBS-1")},
			conformance.Fail, "SVV-6: ", "SVV-6", conformance.Fail, conformance.Fail, 1,
		},
		{
			"a breach in one of two",
			[]conformance.ScenarioRun{good, ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")},
			conformance.Pass, "", "SVV-6", conformance.Fail, conformance.Fail, 1,
		},
		{
			"a warning",
			[]conformance.ScenarioRun{ran(t, "warn", "get tm=- cm=- dos=RFNOP\npost cm=V 2.04\nend tm=- cm=- dos=RFNOP\n", "DPM-12")},
			conformance.Warn, "DPM-12: ", "DPM-12", conformance.Warn, conformance.Inconclusive, 3,
		},
		{
			"switched off",
			[]conformance.ScenarioRun{ran(t, "off", "observe lost\npost tm=V lost\nget lost\n", "SVV-1")},
			conformance.Error, "target unreachable: no request", "SVV-1", conformance.Error, conformance.Error, 4,
		},
		{
			"killed on the way",
			[]conformance.ScenarioRun{ran(t, "killed", "get tm=- cm=- dos=RFNOP\nget lost\nget lost\n", "SVV-10")},
			conformance.Error, "target unreachable: it answered nothing after", "SVV-10", conformance.Error, conformance.Error, 4,
		},
		{"nothing seen", []conformance.ScenarioRun{ran(t, "empty", "", "SVV-6")}, conformance.Inconclusive, "nothing was concluded", "SVV-6", conformance.Inconclusive, conformance.Inconclusive, 3},
		{
			"a hook that fails",
			[]conformance.ScenarioRun{{ID: "hook", Requirements: []string{"SVV-6"}, Err: "hook: exit 1"}},
			conformance.Error, "hook: exit 1", "SVV-6", conformance.Error, conformance.Error, 4,
		},
		{
			"no gate",
			[]conformance.ScenarioRun{{ID: "gate", Requirements: []string{"SVV-4"}, NotTestable: "the target has no condition hold"}},
			conformance.Inconclusive, "not testable: the target has no", "SVV-4", conformance.Inconclusive, conformance.Inconclusive, 3,
		},
		{
			"excluded",
			[]conformance.ScenarioRun{{ID: "skip", Requirements: []string{"AUT-1"}, Skipped: "supports.autonomous is false"}},
			conformance.NotApplicable, "supports.autonomous", "AUT-1", conformance.NotApplicable, conformance.Inconclusive, 3,
		},
		{"nothing ran", nil, conformance.None, "no scenario ran", "SVV-1", conformance.Inconclusive, conformance.Error, 4},
	} {
		r := Of(defaults, "ocf-1.0", c.runs)
		reason := r.Reason
		if len(r.Scenarios) > 0 {
			reason = r.Scenarios[0].Reason
			if r.Scenarios[0].Verdict != c.scenario {
				t.Errorf("%s: scenario %s (%s), want %s", c.name, r.Scenarios[0].Verdict, reason, c.scenario)
			}
		}
		if !strings.HasPrefix(reason, c.reason) {
			t.Errorf("%s: reason %q, want %q", c.name, reason, c.reason)
		}
		if row := rowOf(t, r, c.id); row.Verdict != c.verdict {
			t.Errorf("%s: %s is %s (%s), want %s", c.name, c.id, row.Verdict, row.Reason, c.verdict)
		}
		if r.Verdict != c.report || r.ExitCode() != c.exit {
			t.Errorf("%s: report %s, exit %d; want %s, %d", c.name, r.Verdict, r.ExitCode(), c.report, c.exit)
		}
	}
}

func TestASelectionIsJudgedByItself(t *testing.T) {
	run := Run{Target: defaults, Partial: true, Scenarios: []conformance.ScenarioRun{ran(t, "good", goodCheck, "SVV-6", "SVV-8")}}
	r := run.Assess()
	if r.Verdict != conformance.Pass || r.ExitCode() != 0 {
		t.Errorf("report %s (%s), exit %d", r.Verdict, r.Reason, r.ExitCode())
	}
	for _, row := range r.Requirements {
		if row.Verdict != conformance.Pass {
			t.Errorf("%s is %s in a selection that does not speak of it", row.ID, row.Verdict)
		}
	}
}

func TestAReportHasTheFieldsOfTheContract(t *testing.T) {
	r := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{ran(t, "good", goodCheck, "SVV-6")})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schema", "tool", "edition", "target", "started", "duration_s", "verdict", "counts", "requirements", "scenarios"} {
		if _, ok := got[key]; !ok {
			t.Errorf("no %q", key)
		}
	}
	total := 0
	for _, v := range []conformance.Verdict{conformance.Pass, conformance.Warn, conformance.Fail, conformance.Inconclusive, conformance.NotApplicable, conformance.Error, conformance.Waived} {
		n, ok := r.Counts[v]
		if !ok {
			t.Errorf("counts lack %q", v)
		}
		total += n
	}
	if total != len(judge.Requirements()) || r.DurationS != 1 {
		t.Errorf("%d requirements counted, %v s", total, r.DurationS)
	}
}

// TestAProcessOfItsOwnDisturbsNoExpectation: what a Device that declares
// autonomous operation began by itself is no breach of what a scenario expects,
// and no fulfilment either. A Device that does not declare it is held to it.
func TestAProcessOfItsOwnDisturbsNoExpectation(t *testing.T) {
	const course = `
begin tm=- cm=- dos=RFNOP
both 12 tm=V cm=- dos=RFNOP
both 13 tm=V cm=V dos=RFNOP
both 14 tm=- cm=V dos=RFNOP
end tm=- cm=V dos=RFNOP
`
	for _, c := range []struct {
		name, head string
		want       conformance.Verdict
	}{
		{"declared", "target autonomous\n", conformance.Inconclusive},
		{"not declared", "", conformance.Fail},
		{"asked for", "target autonomous\nautonomous-validation\n", conformance.Fail},
	} {
		run := ran(t, "unchanged", c.head+course)
		run.Timeline.Expectations = []conformance.Expectation{{
			Text: "pstat is unchanged", Form: conformance.Exactly, Client: "privileged",
			Rows: []conformance.Row{{TM: "-", CM: "-", DOS: "RFNOP"}},
		}}
		checks := judge.Scenario(run.Timeline, judge.Known{}).Expectations
		if checks[0].Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, checks[0].Verdict, checks[0].Reason, c.want)
		}
	}
}
