package assess

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestDevicesOfARun are counted where there are several.
func TestDevicesOfARun(t *testing.T) {
	at := func(endpoint string) conformance.ScenarioRun {
		run := ran(t, "s", "get tm=- cm=- dos=RFNOP\n")
		run.ID, run.Timeline.Header.Target.Endpoint = endpoint, endpoint
		return run
	}
	for want, runs := range map[int][]conformance.ScenarioRun{
		0: {at("a"), at("a")},
		2: {at("a"), at("b"), at("a")},
		3: {at("a"), at("b"), at("c")},
	} {
		if got := Of(defaults, "ocf-1.0", runs).Target.Devices; got != want {
			t.Errorf("%d Devices, want %d", got, want)
		}
	}
}

// TestARunAfterADeath is not testable: it is neither unreachable nor failed.
func TestARunAfterADeath(t *testing.T) {
	dies := lived(defaults, exchanged{"GET", "", ""}, exchanged{"POST", "\x82", conformance.PortCloses}, exchanged{"GET", "", "no answer"})
	deaf := ran(t, "deaf", "get lost\nget lost\n", "SVV-6")
	idle := ran(t, "idle", "wait seen\n", "SVV-6")
	report := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{dies, deaf, idle})
	if row := report.Scenarios[1]; row.Verdict != conformance.Inconclusive || !strings.HasSuffix(row.Reason, ", in s, and stays away") {
		t.Errorf("%s: %s", row.Verdict, row.Reason)
	}
	if row := report.Scenarios[2]; row.Verdict != conformance.Inconclusive || strings.Contains(row.Reason, "stays away") {
		t.Errorf("a scenario that sent nothing: %s: %s", row.Verdict, row.Reason)
	}
}

// TestRowsAreThoseOfTheReport, and of the edition that the run is judged by, whatever the
// Timelines say.
func TestRowsAreThoseOfTheReport(t *testing.T) {
	bad := strings.ReplaceAll(goodCheck, "cm=V", "cm=-")
	runs := []conformance.ScenarioRun{ran(t, "a", goodCheck, "SVV-6"), ran(t, "b", bad, "SVV-6"), ran(t, "b", goodCheck, "SVV-6")}
	later := ran(t, "later", "on oic.if.baseline tm=- cm=- dos=RFNOP common=true\non oic.if.rw 4.00\n", "DPM-15")
	runs = append(runs, later)
	verdicts := map[string]conformance.Verdict{}
	for _, edition := range []string{"ocf-1.0", "ocf-2.2"} {
		r := Run{Edition: edition, Target: defaults, Scenarios: runs}
		report := r.Assess()
		rows := r.Rows()
		if !reflect.DeepEqual(rows, report.Scenarios) {
			t.Errorf("%s: rows\n%+v\nof the report\n%+v", edition, rows, report.Scenarios)
		}
		if len(rows) != 3 || len(rows[1].Attempts) != 2 {
			t.Errorf("%s: %d rows: %+v", edition, len(rows), rows)
		}
		verdicts[edition] = rows[2].Verdict
	}
	if verdicts["ocf-1.0"] == verdicts["ocf-2.2"] {
		t.Errorf("each edition says %s of an interface that is refused", verdicts["ocf-1.0"])
	}
	if runs[3].Timeline.Header.Edition != "" {
		t.Error("a Timeline that was given names another edition now")
	}
}

// TestWhatARunConcludes of its scenarios and requirements.
func TestWhatARunConcludes(t *testing.T) {
	type counts = map[conformance.Verdict]int
	one := func(v conformance.Verdict) []ScenarioResult { return []ScenarioResult{{ID: "a", Verdict: v}} }
	for name, c := range map[string]struct {
		report  Report
		verdict conformance.Verdict
		reason  string
	}{
		"a waiver beside a pass and a warning": {Report{Verdict: conformance.Waived, Scenarios: one(conformance.Pass), Counts: counts{conformance.Pass: 1, conformance.Warn: 1}}, conformance.Waived, ""},
		"a waiver beside a warning":            {Report{Verdict: conformance.Waived, Scenarios: one(conformance.Pass), Counts: counts{conformance.Warn: 1}}, conformance.Waived, ""},
		"a waiver beside nothing":              {Report{Verdict: conformance.Waived, Scenarios: one(conformance.Pass), Counts: counts{conformance.NotApplicable: 1}}, conformance.Inconclusive, "nothing passed: all that was judged is waived"},
		"nothing applies":                      {Report{Scenarios: one(conformance.NotApplicable)}, conformance.Inconclusive, "nothing was judged"},
		"a scenario failed":                    {Report{Verdict: conformance.Pass, Scenarios: one(conformance.Fail)}, conformance.Fail, ""},
	} {
		c.report.conclude()
		if c.report.Verdict != c.verdict || c.report.Reason != c.reason {
			t.Errorf("%s: %s, %q, want %s, %q", name, c.report.Verdict, c.report.Reason, c.verdict, c.reason)
		}
	}
}

// TestWhatADeviceDiedOf is told of the first scenario that it died in, by its first finding.
func TestWhatADeviceDiedOf(t *testing.T) {
	finding := func(v conformance.Verdict, scenario, reason string) conformance.Finding {
		return conformance.Finding{Verdict: v, Scenario: scenario, Reason: reason}
	}
	for name, c := range map[string]struct {
		findings []conformance.Finding
		want     string
	}{
		"nothing":                  {[]conformance.Finding{finding(conformance.Fail, "a", "tm stayed")}, ""},
		"one request":              {[]conformance.Finding{finding(conformance.Fail, "b", DiedOf+"GET")}, DiedOf + "GET, in b"},
		"two in one scenario":      {[]conformance.Finding{finding(conformance.Fail, "b", DiedOf+"GET"), finding(conformance.Fail, "b", DiedOf+"POST")}, DiedOf + "GET, in b"},
		"in two scenarios":         {[]conformance.Finding{finding(conformance.Fail, "b", DiedOf+"GET"), finding(conformance.Fail, "a", DiedOf+"POST")}, DiedOf + "POST, in a"},
		"a death that is waived":   {[]conformance.Finding{finding(conformance.Waived, "a", DiedOf+"GET")}, ""},
		"in a scenario of another": {[]conformance.Finding{finding(conformance.Fail, "c", DiedOf+"GET")}, ""},
	} {
		r := Report{Scenarios: []ScenarioResult{{ID: "a"}, {ID: "b"}}, Requirements: []RequirementResult{{ID: "DPM-1", Findings: c.findings}}}
		if got := r.fatal(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestWhenAWitnessWas: a finding has the time of its witness, where that is an entry.
func TestWhenAWitnessWas(t *testing.T) {
	tl := conformance.Timeline{Observations: []conformance.Observation{{At: time.Second}, {At: 2 * time.Second}}}
	r := Run{Scenarios: []conformance.ScenarioRun{{}, {Timeline: tl}}}
	for witness, want := range map[int]float64{-1: 9, 0: 1, 1: 2, 2: 9} {
		if got := r.timed(conformance.Finding{Witness: witness, AtS: 9}, 1).AtS; got != want {
			t.Errorf("witness %d: %v s, want %v", witness, got, want)
		}
	}
}

// drifted are two scenarios between which cm lost V, though nothing was requested.
func drifted(t *testing.T, head string) []conformance.ScenarioRun {
	first := ran(t, "first", head+"get tm=- cm=V dos=RFNOP\n")
	second := ran(t, "second", "get tm=- cm=- dos=RFNOP\n")
	second.Timeline.Header.Started = first.Timeline.Header.Started.Add(time.Minute)
	return []conformance.ScenarioRun{first, second}
}

// TestWhatDriftsBetweenScenarios is a breach in the earlier one, unless the Device may have
// done something by itself in between.
func TestWhatDriftsBetweenScenarios(t *testing.T) {
	failed := func(runs []conformance.ScenarioRun) (all []string) {
		for _, row := range Of(defaults, "ocf-1.0", runs).Requirements {
			for _, f := range row.Findings {
				if f.Verdict == conformance.Fail {
					all = append(all, row.ID+" in "+f.Scenario)
					if want := runs[0].Timeline.Observations[f.Witness].At.Seconds(); f.AtS != want {
						t.Errorf("%s at %v s, want %v", row.ID, f.AtS, want)
					}
				}
			}
		}
		return all
	}
	if got := failed(drifted(t, "")); len(got) != 1 || got[0] != "SVV-11 in first" {
		t.Errorf("failed: %v", got)
	}
	const alone = "lacks update-available\nobserve tm=- cm=- dos=RFNOP\nsleep 1s\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=V dos=RFNOP\n"
	restless := drifted(t, alone)
	r := Run{Target: defaults, Scenarios: restless}
	judged, _ := r.findings()
	for id, f := range judged[0] {
		if f.Verdict == conformance.Fail {
			t.Errorf("a Device that begins by itself fails %s: %s", id, f.Reason)
		}
	}
	if !r.restless() {
		t.Error("the Device did not begin by itself")
	}
}

// TestABreachOfTheScenarioComesBeforeADrift: what a scenario shows by itself stays the
// reason.
func TestABreachOfTheScenarioComesBeforeADrift(t *testing.T) {
	runs := drifted(t, strings.Replace(goodCheck, "both 12 tm=V cm=V", "both 12 tm=- cm=-", 1))
	own := judge.All(runs[0].Timeline)["SVV-11"]
	judged, _ := Run{Edition: "ocf-1.0", Target: defaults, Scenarios: runs}.findings()
	if f := judged[0]["SVV-11"]; own.Verdict != conformance.Fail || f.Reason != own.Reason {
		t.Errorf("alone %s (%s), with the other %s (%s)", own.Verdict, own.Reason, f.Verdict, f.Reason)
	}
}
