package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhenARunBeganAndEnded: with the first Timeline that began, unless it is
// said, and with the last that ended; a scenario that recorded nothing tells
// neither.
func TestWhenARunBeganAndEnded(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(began, took time.Duration) conformance.ScenarioRun {
		s := conformance.ScenarioRun{ID: "x", Duration: took}
		s.Timeline.Header.Started = day.Add(began)
		return s
	}
	for _, c := range []struct {
		name    string
		started time.Time
		runs    []conformance.ScenarioRun
		want    time.Time
		took    float64
	}{
		{"one", time.Time{}, []conformance.ScenarioRun{at(time.Hour, time.Second)}, day.Add(time.Hour), 1},
		{"the later first", time.Time{}, []conformance.ScenarioRun{at(time.Hour, time.Second), at(0, time.Second)}, day, 3601},
		{"the longer first", time.Time{}, []conformance.ScenarioRun{at(0, time.Hour), at(time.Minute, time.Second)}, day, 3600},
		{"one that recorded nothing", time.Time{}, []conformance.ScenarioRun{{Duration: time.Hour}, at(time.Hour, time.Second)}, day.Add(time.Hour), 1},
		{"said, and earlier", day.Add(-time.Second), []conformance.ScenarioRun{at(0, time.Second)}, day.Add(-time.Second), 2},
		{"said, and later", day.Add(time.Hour), []conformance.ScenarioRun{at(0, time.Second)}, day, 3600},
		{"said, and nothing ran", day, nil, day, 0},
	} {
		r := Run{Started: c.started, Scenarios: c.runs}.head()
		if !r.Started.Equal(c.want) || r.DurationS != c.took {
			t.Errorf("%s: %v, %v s; want %v, %v s", c.name, r.Started, r.DurationS, c.want, c.took)
		}
		if r.Tool.Name != "ocfsim" {
			t.Errorf("%s: the tool is %q", c.name, r.Tool.Name)
		}
	}
	r := Run{Tool: Tool{Name: "other", Version: "2"}, Edition: "e", Target: conformance.Profile{Name: "lamp", Endpoint: "coap://x", DI: "d", Secured: true}}.head()
	if r.Tool != (Tool{"other", "2", ""}) || r.Edition != "e" || r.Target.Name != "lamp" || r.Target.Endpoint != "coap://x" || r.Target.DI != "d" || !r.Target.Secured {
		t.Errorf("head %+v", r)
	}
	if r.Requirements == nil || r.Scenarios == nil || r.Schema != ReportSchema {
		t.Errorf("head %+v", r)
	}
}

// TestTheRowOfAScenario holds the words of a row to what they stand for.
func TestTheRowOfAScenario(t *testing.T) {
	bad := strings.ReplaceAll(goodCheck, "cm=V", "cm=-")
	for _, c := range []struct {
		name    string
		change  func(*conformance.ScenarioRun)
		verdict conformance.Verdict
		reason  string
	}{
		{"a pass says nothing", func(*conformance.ScenarioRun) {}, conformance.Pass, ""},
		{"what can't be tested hides no fail", func(s *conformance.ScenarioRun) {
			s.Timeline, s.NotTestable = play(t, bad), "no gate"
		}, conformance.Fail, "SVV-6: an update was on offer"},
		{"what can't be tested is more than a pass", func(s *conformance.ScenarioRun) { s.NotTestable = "no gate" }, conformance.Inconclusive, "not testable: no gate"},
		{"it is said once", func(s *conformance.ScenarioRun) { s.NotTestable = "not testable: no gate" }, conformance.Inconclusive, "not testable: no gate"},
		{"an error hides a fail", func(s *conformance.ScenarioRun) { s.Timeline, s.Err = play(t, bad), "hook" }, conformance.Error, "hook"},
		{"a Device that falls silent after a fail has failed", func(s *conformance.ScenarioRun) {
			s.Timeline = play(t, bad+"get lost\nget lost\n")
		}, conformance.Fail, "SVV-6: an update was on offer"},
		{"a Device that falls silent has not passed", func(s *conformance.ScenarioRun) {
			s.Timeline = play(t, goodCheck+"get lost\nget lost\n")
		}, conformance.Error, "target unreachable: it answered nothing after"},
		{"skipped, whatever else", func(s *conformance.ScenarioRun) { s.Timeline, s.Skipped, s.Err = play(t, bad), "pics", "hook" }, conformance.NotApplicable, "pics"},
		{"an expectation that is not met", func(s *conformance.ScenarioRun) {
			s.Timeline.Expectations = []conformance.Expectation{{Text: "it is so", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "V"}}}}
		}, conformance.Inconclusive, "it is so: privileged saw"},
		{"an expectation that is not met, and a rule that is broken", func(s *conformance.ScenarioRun) {
			s.Timeline = play(t, bad)
			s.Timeline.Expectations = []conformance.Expectation{{Text: "it is so", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "V"}}}}
		}, conformance.Fail, "SVV-6: an update was on offer"},
		{"an expectation that is not met, and a rule that only warns", func(s *conformance.ScenarioRun) {
			s.Timeline = play(t, "get tm=- cm=- dos=RFNOP\npost cm=V 2.04\nend tm=- cm=- dos=RFNOP\n")
			s.Requirements = []string{"DPM-12"}
			s.Timeline.Expectations = []conformance.Expectation{{Text: "it is so", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "-"}}}}
		}, conformance.Warn, "DPM-12: "},
		{"nothing to conclude from", func(s *conformance.ScenarioRun) { s.Timeline, s.Requirements = conformance.Timeline{}, nil }, conformance.Inconclusive, "nothing was concluded"},
		{"an expectation of what was not seen", func(s *conformance.ScenarioRun) {
			s.Requirements = nil
			s.Timeline.Expectations = []conformance.Expectation{{Text: "it is so", Form: conformance.InOrder, Client: "privileged", Rows: []conformance.Row{{TM: "-", CM: "V"}, {TM: "V", CM: "V"}}}}
		}, conformance.Inconclusive, "nothing was concluded; not seen in this order: tm=V"},
	} {
		run := ran(t, "x", goodCheck, "SVV-6", "SVV-8")
		c.change(&run)
		row := Run{Target: defaults, Scenarios: []conformance.ScenarioRun{run}}.Assess().Scenarios[0]
		if row.Verdict != c.verdict || !strings.HasPrefix(row.Reason, c.reason) || c.reason == "" && row.Reason != "" {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, row.Verdict, row.Reason, c.verdict, c.reason)
		}
		if names := breached(t, run, row); row.Verdict == conformance.Fail && len(names) == 0 {
			t.Errorf("%s: fails, and no requirement is named", c.name)
		}
		if row.Tags == nil || row.Requirements == nil || row.ID != "x" || row.Timeline != run.File || row.DurationS != 1 {
			t.Errorf("%s: row %+v", c.name, row)
		}
	}
}

// breached are the requirements that a run breaks by the report on it alone.
func breached(t *testing.T, run conformance.ScenarioRun, row ScenarioResult) []string {
	t.Helper()
	rep := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{run})
	var ids []string
	for _, q := range rep.Requirements {
		if q.Verdict == conformance.Fail {
			ids = append(ids, q.ID)
		}
	}
	if rep.Verdict == conformance.Fail != (len(ids) > 0) && row.Verdict != conformance.Error {
		t.Errorf("the run is %s, and %v failed", rep.Verdict, ids)
	}
	return ids
}

// TestTheRowOfARequirement: what several scenarios add up to, and what is said
// where they add up to nothing.
func TestTheRowOfARequirement(t *testing.T) {
	good := ran(t, "good", goodCheck, "SVV-6")
	bad := ran(t, "bad", strings.ReplaceAll(goodCheck, "cm=V", "cm=-"))
	open := ran(t, "open", "get tm=- cm=- dos=RFNOP\npost tm=V 2.04\nget tm=V cm=- dos=RFNOP\nget tm=- cm=V dos=RFNOP\n", "SVV-2")
	idle := ran(t, "idle", "get tm=- cm=- dos=RFNOP\n", "SVV-6", "AUT-1")
	untestable := conformance.ScenarioRun{ID: "gate", Requirements: []string{"SVV-6"}, NotTestable: "no gate"}
	skipped := conformance.ScenarioRun{ID: "skip", Requirements: []string{"SVV-6"}, Skipped: "pics"}
	failed := conformance.ScenarioRun{ID: "err", Requirements: []string{"SVV-6"}, Err: "hook"}
	for _, c := range []struct {
		name     string
		runs     []conformance.ScenarioRun
		id       string
		verdict  conformance.Verdict
		reason   string
		findings string // scenario and verdict of each
	}{
		{"one witness", []conformance.ScenarioRun{good}, "SVV-6", conformance.Pass, "", "good pass"},
		{"a witness in a scenario that is not about it", []conformance.ScenarioRun{good}, "SVV-8", conformance.Pass, "", "good pass"},
		{"a breach in one that is not about it", []conformance.ScenarioRun{good, bad}, "SVV-6", conformance.Fail, "", "good pass, bad fail"},
		{"nothing seen of it", []conformance.ScenarioRun{idle}, "SVV-6", conformance.Inconclusive, "scenario idle speaks of it, but its Timeline holds nothing", ""},
		{"nothing seen of it in the second", []conformance.ScenarioRun{good, idle}, "SVV-6", conformance.Pass, "", "good pass"},
		{"nobody spoke of it", []conformance.ScenarioRun{idle}, "SVV-12", conformance.Inconclusive, "never exercised", ""},
		{"not declared", []conformance.ScenarioRun{idle}, "AUT-1", conformance.NotApplicable, "not shown", ""},
		{"not testable", []conformance.ScenarioRun{untestable}, "SVV-6", conformance.Inconclusive, "not testable: no gate", "gate inconclusive"},
		{"not testable, and a witness elsewhere", []conformance.ScenarioRun{untestable, good}, "SVV-6", conformance.Inconclusive, "not testable: no gate", "gate inconclusive, good pass"},
		{"skipped", []conformance.ScenarioRun{skipped}, "SVV-6", conformance.NotApplicable, "pics", "skip not-applicable"},
		{"skipped, and a witness elsewhere", []conformance.ScenarioRun{skipped, good}, "SVV-6", conformance.Pass, "", "skip not-applicable, good pass"},
		{"an error", []conformance.ScenarioRun{good, failed}, "SVV-6", conformance.Error, "hook", "good pass, err error"},
		{"an error in one that is not about it", []conformance.ScenarioRun{good, failed}, "SVV-8", conformance.Pass, "", "good pass"},
		{"open in a scenario about it", []conformance.ScenarioRun{open}, "SVV-2", conformance.Inconclusive, "the source is not under control", "open inconclusive"},
		{"of a Client", []conformance.ScenarioRun{good}, "USE-1", conformance.NotApplicable, "judged where a Client", ""},
	} {
		row := rowOf(t, Run{Target: defaults, Scenarios: c.runs}.Assess(), c.id)
		var findings []string
		for _, f := range row.Findings {
			findings = append(findings, f.Scenario+" "+string(f.Verdict))
		}
		if row.Verdict != c.verdict || !strings.HasPrefix(row.Reason, c.reason) || c.reason == "" && row.Reason != "" {
			t.Errorf("%s: %s is %s (%s), want %s (%s)", c.name, c.id, row.Verdict, row.Reason, c.verdict, c.reason)
		}
		if got := strings.Join(findings, ", "); got != c.findings {
			t.Errorf("%s: %s has %s, want %s", c.name, c.id, got, c.findings)
		}
	}
}

// TestASelectionLeavesOutWhatItDoesNotSpeakOf, but for what was seen broken or
// witnessed on the way.
func TestASelectionLeavesOutWhatItDoesNotSpeakOf(t *testing.T) {
	run := ran(t, "idle", "get tm=- cm=- dos=RFNOP\n", "SVV-6", "USE-1")
	r := Run{Target: defaults, Partial: true, Scenarios: []conformance.ScenarioRun{run}}.Assess()
	var ids []string
	for _, row := range r.Requirements {
		ids = append(ids, row.ID+" "+string(row.Verdict))
	}
	want := "SVV-6 inconclusive, USE-1 not-applicable, DPM-1 pass, DPM-13 pass, DOS-4 pass"
	for _, id := range strings.Split(want, ", ") {
		if !strings.Contains(strings.Join(ids, ", "), id) {
			t.Errorf("no %s in %v", id, ids)
		}
	}
	if len(ids) > 8 {
		t.Errorf("rows for %v", ids)
	}
	total := 0
	for _, n := range r.Counts {
		total += n
	}
	if total != len(r.Requirements) {
		t.Errorf("%d counted, %d rows", total, len(r.Requirements))
	}
}

// TestWhenATargetIsUnreachable: a silence is one when the Device never
// answered, or did not come back; a restart explains it for as long as declared.
func TestWhenATargetIsUnreachable(t *testing.T) {
	reboots := "target reboots\n"
	for _, c := range []struct{ name, script, want string }{
		{"nothing asked", "", ""},
		{"answered", "get tm=- cm=- dos=RFNOP\n", ""},
		{"never", "get lost\n", "target unreachable: no request was answered"},
		{"came back", "get lost\nget tm=- cm=- dos=RFNOP\n", ""},
		{"went away", "get tm=- cm=- dos=RFNOP\nget lost\n", "target unreachable: it answered nothing after 0.002s"},
		{"told of something since", "observe tm=- cm=- dos=RFNOP\nget lost\nnotify 11 tm=V cm=- dos=RFNOP\n", ""},
		{"took a new session", "get tm=- cm=- dos=RFNOP\nget lost\nget gone\n", ""},
		{"a power cycle", "get tm=- cm=- dos=RFNOP\nreboot\nget lost\n", ""},
		{"a power cycle that was not had", "get tm=- cm=- dos=RFNOP\nasked reboot\nget lost\n", "target unreachable: it answered nothing after"},
		{"something else that was done", "get tm=- cm=- dos=RFNOP\nhold\nget lost\n", "target unreachable: it answered nothing after"},
		{"a restart as declared", reboots + "get tm=- cm=- dos=RFNOP\nsleep 2s\nget lost\n", ""},
		{"a restart just as long as declared", reboots + "get tm=- cm=- dos=RFNOP\nsleep 2998ms\nget lost\n", ""},
		{"a restart that is too long", reboots + "get tm=- cm=- dos=RFNOP\nsleep 2999ms\nget lost\n", "target unreachable: it answered nothing after"},
		{"a restart, and it never answered", reboots + "get lost\n", "target unreachable: no request was answered"},
	} {
		if got := silent(play(t, c.script)); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for v, want := range map[conformance.Verdict]int{
		conformance.Pass: 0, conformance.Warn: 0, conformance.Fail: 1, conformance.Inconclusive: 3, conformance.Error: 4, conformance.None: 4, conformance.NotApplicable: 4, conformance.Waived: 0,
	} {
		if got := (Report{Verdict: v}).ExitCode(); got != want {
			t.Errorf("%q: exit %d, want %d", v, got, want)
		}
	}
}
