package conformance

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
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

func ran(t *testing.T, id, script string, requirements ...string) ScenarioRun {
	t.Helper()
	tl := play(t, script)
	tl.Header.Started = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return ScenarioRun{ID: id, Requirements: requirements, Timeline: tl, File: "timelines/" + id + ".jsonl", Duration: time.Second}
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
		runs     []ScenarioRun
		scenario Verdict // of the first
		reason   string  // of the first, or of the report where there is none
		id       string
		verdict  Verdict
		report   Verdict
		exit     int
	}{
		{"a witness", []ScenarioRun{good}, Pass, "", "SVV-6", Pass, Inconclusive, 3},
		{"never exercised", []ScenarioRun{good}, Pass, "", "SVV-12", Inconclusive, Inconclusive, 3},
		{"of Clients", []ScenarioRun{good}, Pass, "", "USE-1", NotApplicable, Inconclusive, 3},
		{"unsecured", []ScenarioRun{good}, Pass, "", "SVV-3", NotApplicable, Inconclusive, 3},
		{"not declared", []ScenarioRun{good}, Pass, "", "AUT-2", NotApplicable, Inconclusive, 3},
		{
			"a breach",
			[]ScenarioRun{ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")},
			Fail, "SVV-6: ", "SVV-6", Fail, Fail, 1,
		},
		{
			"a breach of another requirement",
			[]ScenarioRun{ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "OBS-1")},
			Fail, "SVV-6: ", "SVV-6", Fail, Fail, 1,
		},
		{
			"a breach in one of two",
			[]ScenarioRun{good, ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6")},
			Pass, "", "SVV-6", Fail, Fail, 1,
		},
		{
			"a warning",
			[]ScenarioRun{ran(t, "warn", "get tm=- cm=- dos=RFNOP\npost cm=V 2.04\nend tm=- cm=- dos=RFNOP\n", "DPM-12")},
			Warn, "DPM-12: ", "DPM-12", Warn, Inconclusive, 3,
		},
		{
			"switched off",
			[]ScenarioRun{ran(t, "off", "observe lost\npost tm=V lost\nget lost\n", "SVV-1")},
			Error, "target unreachable: no request", "SVV-1", Error, Error, 4,
		},
		{
			"killed on the way",
			[]ScenarioRun{ran(t, "killed", "get tm=- cm=- dos=RFNOP\nget lost\nget lost\n", "SVV-10")},
			Error, "target unreachable: it answered nothing after", "SVV-10", Error, Error, 4,
		},
		{"nothing seen", []ScenarioRun{ran(t, "empty", "", "SVV-6")}, Inconclusive, "nothing was concluded", "SVV-6", Inconclusive, Inconclusive, 3},
		{
			"a hook that fails",
			[]ScenarioRun{{ID: "hook", Requirements: []string{"SVV-6"}, Err: "hook: exit 1"}},
			Error, "hook: exit 1", "SVV-6", Error, Error, 4,
		},
		{
			"no gate",
			[]ScenarioRun{{ID: "gate", Requirements: []string{"SVV-4"}, NotTestable: "the target has no condition hold"}},
			Inconclusive, "not testable: the target has no", "SVV-4", Inconclusive, Inconclusive, 3,
		},
		{
			"excluded",
			[]ScenarioRun{{ID: "skip", Requirements: []string{"AUT-1"}, Skipped: "supports.autonomous is false"}},
			NotApplicable, "supports.autonomous", "AUT-1", NotApplicable, Inconclusive, 3,
		},
		{"nothing ran", nil, None, "no scenario ran", "SVV-1", Inconclusive, Error, 4},
	} {
		r := Assess(defaults, "ocf-1.0", c.runs)
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
	run := Run{Target: defaults, Partial: true, Scenarios: []ScenarioRun{ran(t, "good", goodCheck, "SVV-6", "SVV-8")}}
	r := run.Assess()
	if r.Verdict != Pass || r.ExitCode() != 0 {
		t.Errorf("report %s (%s), exit %d", r.Verdict, r.Reason, r.ExitCode())
	}
	for _, row := range r.Requirements {
		if row.Verdict != Pass {
			t.Errorf("%s is %s in a selection that does not speak of it", row.ID, row.Verdict)
		}
	}
}

func TestAReportHasTheFieldsOfTheContract(t *testing.T) {
	r := Assess(defaults, "ocf-1.0", []ScenarioRun{ran(t, "good", goodCheck, "SVV-6")})
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
	for _, v := range []Verdict{Pass, Warn, Fail, Inconclusive, NotApplicable, Error, Waived} {
		n, ok := r.Counts[v]
		if !ok {
			t.Errorf("counts lack %q", v)
		}
		total += n
	}
	if total != 51 || r.DurationS != 1 {
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
		want       Verdict
	}{
		{"declared", "target autonomous\n", Inconclusive},
		{"not declared", "", Fail},
		{"asked for", "target autonomous\nautonomous-validation\n", Fail},
	} {
		run := ran(t, "unchanged", c.head+course)
		run.Timeline.Expectations = []Expectation{{
			Text: "pstat is unchanged", Form: Exactly, Client: "privileged",
			Rows: []Row{{TM: "-", CM: "-", DOS: "RFNOP"}},
		}}
		target := run.Timeline.Header.Target
		row := Run{Target: target, Scenarios: []ScenarioRun{run}}.Assess().Scenarios[0]
		if row.Checks[0].Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, row.Checks[0].Verdict, row.Checks[0].Reason, c.want)
		}
	}
}
