package assess

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhatTheRulesMakeOfAnExpectation that was not met: a fail where one of them fails, a
// warning where one warns, and else something to look into.
func TestWhatTheRulesMakeOfAnExpectation(t *testing.T) {
	const fail, warn, open, pass = conformance.Fail, conformance.Warn, conformance.Inconclusive, conformance.Pass
	for name, c := range map[string]struct {
		judged map[string]conformance.Verdict
		check  conformance.Verdict
		want   conformance.Verdict
		why    string // what is added to the reason
	}{
		"a rule fails":                     {map[string]conformance.Verdict{"SVV-1": pass, "SVV-6": fail, "SVV-8": warn}, fail, fail, ""},
		"a rule warns":                     {map[string]conformance.Verdict{"SVV-6": warn, "SVV-8": open}, fail, warn, ""},
		"none is broken":                   {map[string]conformance.Verdict{"SVV-6": open, "SVV-8": pass}, fail, open, noRule},
		"none is judged":                   {nil, fail, open, noRule},
		"the one that fails is not judged": {map[string]conformance.Verdict{"SSU-6": fail}, fail, open, noRule},
		"it was met":                       {nil, pass, pass, ""},
		"it is open":                       {map[string]conformance.Verdict{"SVV-6": warn}, open, open, ""},
	} {
		judged := map[string]conformance.Finding{}
		for id, v := range c.judged {
			judged[id] = conformance.Finding{Verdict: v}
		}
		p := conformance.Profile{Supports: conformance.Supports{Validation: true}} // and no update
		checks := []conformance.Finding{{Verdict: c.check, Reason: "it was not so"}}
		Run{Target: p}.underRule(checks, judged)
		if f := checks[0]; f.Verdict != c.want || f.Reason != "it was not so"+c.why {
			t.Errorf("%s: %s (%s), want %s", name, f.Verdict, f.Reason, c.want)
		}
		if got := WithoutRule(checks[0]); got != (c.why != "") {
			t.Errorf("%s: without a rule: %v", name, got)
		}
	}
	if WithoutRule(conformance.Finding{Verdict: fail, Reason: "x" + noRule}) {
		t.Error("a fail breaks a rule")
	}
}

// TestARowOfATargetThatDoesNotClaimIt: a requirement that does not apply adds nothing to
// the row of a scenario that speaks of it.
func TestARowOfATargetThatDoesNotClaimIt(t *testing.T) {
	run := ran(t, "x", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"), "SVV-6", "OBS-1")
	none := defaults
	none.Supports.Validation = false
	if row := Of(none, "ocf-1.0", []conformance.ScenarioRun{run}).Scenarios[0]; row.Verdict != conformance.Pass {
		t.Errorf("%s: %s", row.Verdict, row.Reason)
	}
}

// TestADeathThatIsWaived excuses that a scenario could not go on, and no other death does.
func TestADeathThatIsWaived(t *testing.T) {
	alive := ran(t, "alive", "get tm=- cm=- dos=RFNOP lacks=om\n", "DPM-13")
	get, array, reboot := exchanged{"GET", "", ""}, exchanged{"POST", "\x82", "no answer"}, exchanged{method: conformance.Reboot}
	dies := lived(defaults, get, array, exchanged{"GET", "", "no answer"}, reboot, get, array, exchanged{"GET", "", "no answer"}, reboot, get)
	dies.NotTestable, dies.Timeline.Header.Started = "the Device is gone", alive.Timeline.Header.Started
	alive.NotTestable = "a condition is missing"
	lamp := defaults
	lamp.Name = "lamp"
	for _, c := range []struct {
		name    string
		run     conformance.ScenarioRun
		waivers []Waiver
		want    conformance.Verdict
	}{
		{"a death that is waived", dies, []Waiver{waiverFor("DPM-1")}, conformance.Waived},
		{"a death", dies, nil, conformance.Fail},
		{"another breach that is waived", alive, []Waiver{waiverFor("DPM-13")}, conformance.Inconclusive},
	} {
		row := Run{Edition: "ocf-1.0", Target: lamp, Scenarios: []conformance.ScenarioRun{c.run}, Waivers: c.waivers}.Assess().Scenarios[0]
		if row.Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, row.Verdict, row.Reason, c.want)
		}
	}
}

// TestASilenceOverANetworkThatLoses is open: in the same scenario, or where another one
// shows the loss.
func TestASilenceOverANetworkThatLoses(t *testing.T) {
	lossy := ran(t, "lossy", "get tm=- cm=- dos=RFNOP\nsend tm=-\nretransmit\nanswer 2.04\nget tm=- cm=- dos=RFNOP\n")
	deaf := ran(t, "deaf", "get tm=- cm=- dos=RFNOP\nget lost\nget lost\n")
	rows := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{lossy, deaf}).Scenarios
	if row := rows[1]; row.Verdict != conformance.Inconclusive || !strings.HasSuffix(row.Reason, ", over a network that loses datagrams") {
		t.Errorf("%s: %s", row.Verdict, row.Reason)
	}
}

// TestWhenADeviceIsSilent, from the first entry on.
func TestWhenADeviceIsSilent(t *testing.T) {
	const state = "tm=- cm=- dos=RFNOP"
	for name, c := range map[string]struct {
		script string
		cut    int // how many entries at the beginning are left out
		want   string
	}{
		"it answers":                     {"get " + state, 0, ""},
		"the answer is the first entry":  {"get " + state + "\nget lost", 1, "target unreachable: it answered nothing after 0.002s"},
		"the loss is the first entry":    {"get lost", 1, "target unreachable: no request was answered"},
		"an answer comes late":           {"get " + state + "\nsend tm=V\nanswer lost\nanswer 2.04", 0, ""},
		"late, after the next was lost":  {"get " + state + "\nsend tm=V\nget lost\nanswer lost\nanswer 2.04\n", 0, ""},
		"its session is gone":            {"get gone\nget gone", 0, ""},
		"its session is gone, and it is": {"get gone\nget lost", 0, "target unreachable: it answered nothing after 0.002s"},
	} {
		tl := play(t, c.script)
		tl.Observations = tl.Observations[c.cut:]
		for i := range tl.Observations {
			if n := tl.Observations[i].For; n != nil {
				earlier := *n - c.cut
				tl.Observations[i].For = &earlier
			}
		}
		if got := silent(tl); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestWhyNothingWasConcluded is told by the first expectation that says so.
func TestWhyNothingWasConcluded(t *testing.T) {
	for want, checks := range map[string][]conformance.Finding{
		"nothing was concluded":                nil,
		"nothing was concluded; nobody looked": {{}, {Reason: "nobody looked"}, {Reason: "later"}},
	} {
		if got := unconcluded(checks); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := unconcluded([]conformance.Finding{{}, {}}); got != "nothing was concluded" {
		t.Errorf("%q of checks without a reason", got)
	}
}

// TestAnExpectationThatLacksAnOffer says what to write, and one that was met does not.
func TestAnExpectationThatLacksAnOffer(t *testing.T) {
	run := ran(t, "x", "lacks update-available\nunprivileged read-only: get tm=- cm=- dos=RFNOP\n", "SSU-6")
	run.Timeline.Expectations = []conformance.Expectation{
		{Text: "it ends with V", Form: conformance.EndsWith, Client: "privileged", Rows: []conformance.Row{{TM: "-", CM: "V"}}},
		{Text: "it is never V", Form: conformance.NeverDuring, Client: conformance.ReadOnly, Rows: []conformance.Row{{TM: "V"}}},
	}
	judged, _ := Run{Edition: "ocf-1.0", Target: defaults, Scenarios: []conformance.ScenarioRun{run}}.findings()
	open, met := judged[0]["0 it ends with V"], judged[0]["1 it is never V"]
	if open.Verdict != conformance.Inconclusive || !strings.Contains(open.Reason, "; to test it: `always: [update-available]`") {
		t.Errorf("%s: %s", open.Verdict, open.Reason)
	}
	if met.Verdict != conformance.Pass || strings.Contains(met.Reason, "to test it") {
		t.Errorf("%s: %s", met.Verdict, met.Reason)
	}
}

// TestWhoIsToldWhatIsLacked: a requirement that the scenario speaks of, in a scenario that
// could be tested.
func TestWhoIsToldWhatIsLacked(t *testing.T) {
	run := ran(t, "x", "lacks hold\nget tm=- cm=- dos=RFNOP\n", "SVV-10")
	stopped := run
	stopped.NotTestable = "the rest needs the gate"
	judged, _ := Run{Edition: "ocf-1.0", Target: defaults, Scenarios: []conformance.ScenarioRun{run, stopped}}.findings()
	if f := judged[0]["SVV-10"]; f.Verdict != conformance.Inconclusive || f.Witness != -1 || !strings.Contains(f.Reason, "to test it") {
		t.Errorf("%+v", f)
	}
	if f := judged[0]["SVV-4"]; f.Verdict != conformance.None {
		t.Errorf("nothing speaks of SVV-4: %+v", f)
	}
	if f := judged[1]["SVV-10"]; f.Verdict != conformance.None {
		t.Errorf("the scenario was stopped: %+v", f)
	}
}

// TestWhatIsLackedIsACondition, told once.
func TestWhatIsLackedIsACondition(t *testing.T) {
	tl := play(t, "lacks hold\nlacks report\nlacks hold\nhold\nget tm=- cm=- dos=RFNOP")
	tl.Observations = append(tl.Observations, conformance.Observation{Kind: conformance.Waiting, Name: "x", Outcome: conformance.Unsupported})
	if got := strings.Join(lacked(tl), " "); got != "hold report" {
		t.Errorf("%s", got)
	}
	open := conformance.Finding{Verdict: conformance.Inconclusive, Reason: "open"}
	always := conformance.Profile{Always: []string{conformance.NoUpdate}}
	for name, c := range map[string]struct {
		missing []string
		p       conformance.Profile
		want    string
	}{
		"nothing is missing":     {nil, always, "open"},
		"the gate is missing":    {[]string{conformance.Hold}, always, "open; to test it: `conditions: {exec: [./prepare.sh]}`, a hook that knows hold and release"},
		"it is always otherwise": {[]string{conformance.UpdateAvailable}, always, "open; it takes update-available, and the target declares that it is always no-update"},
		"an offer is missing":    {[]string{conformance.UpdateAvailable}, conformance.Profile{}, "open; to test it: `always: [update-available]` where that is always so, or `conditions: {exec: [./prepare.sh]}`, a hook that knows update-available"},
	} {
		if got := inNeed(open, c.missing, c.p).Reason; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestWhatATargetDeclares of dos during an update.
func TestWhatATargetDeclares(t *testing.T) {
	for script, want := range map[string]string{"": "", "target any-dos": "any", "target dos=RFPRO,RFNOP": "RFPRO RFNOP"} {
		if got := strings.Join(declared(play(t, script).Header.Target).Update.DOS, " "); got != want {
			t.Errorf("%q: %q, want %q", script, got, want)
		}
	}
	r := Run{Target: defaults}.head()
	if r.Declared == nil || r.Declared.Timing.Reboot != defaults.Timing.Reboot.Seconds() {
		t.Errorf("%+v", r.Declared)
	}
}

// TestWhereASentenceStands is told of each requirement, and kept.
func TestWhereASentenceStands(t *testing.T) {
	row := rowOf(t, Of(defaults, "ocf-1.0", nil), "SVV-1")
	if row.Source == nil || row.Source.Lines == "" || !strings.Contains(row.Source.place(), row.Source.Section) {
		t.Errorf("%+v", row.Source)
	}
	if again := rowOf(t, Of(defaults, "ocf-1.0", nil), "SVV-1"); again.Source != row.Source {
		t.Error("the places are worked out again for each report")
	}
}
