package assess

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// remembers holds a run that was looked at after each attempt to what one makes of it that
// remembers nothing.
func remembers(t *testing.T, name string, runs []conformance.ScenarioRun) {
	t.Helper()
	memory := &Memory{}
	for n := range runs {
		if got, want := Doubtful(runs[:n+1], memory), Doubtful(runs[:n+1], nil); got != want {
			t.Errorf("%s: doubtful %v after %d attempts with a memory, %v without", name, got, n+1, want)
		}
	}
	r := Run{Edition: "ocf-1.0", Target: conformance.Profile{Supports: conformance.Supports{Validation: true}}, Scenarios: runs}
	without := r.Assess()
	r.Memory = memory
	for range 2 { // what is remembered stays as it was
		if with := r.Assess(); !reflect.DeepEqual(with, without) {
			t.Errorf("%s: with a memory\n%+v\nwithout\n%+v", name, with, without)
		}
	}
}

// TestMemoryKnowsTheRun judges a Timeline again where the rest of the run tells something
// new: the silence may be the network's.
func TestMemoryKnowsTheRun(t *testing.T) {
	memory := &Memory{}
	mute := ran(t, "check", strings.Replace(goodCheck, "both 13 tm=-", "get tm=-", 1), "OBS-3")
	for _, c := range []struct {
		known judge.Known
		want  conformance.Verdict
	}{{judge.Known{}, conformance.Fail}, {judge.Known{Lossy: true}, conformance.Inconclusive}, {judge.Known{}, conformance.Fail}} {
		if f := memory.judge(mute.Timeline, c.known).Requirements["OBS-3"]; f.Verdict != c.want {
			t.Errorf("%+v: %s (%s), want %s", c.known, f.Verdict, f.Reason, c.want)
		}
	}
	shorter := mute.Timeline
	shorter.Observations = shorter.Observations[:3]
	if f := memory.judge(shorter, judge.Known{}).Requirements["OBS-3"]; f.Verdict == conformance.Fail {
		t.Errorf("the beginning of a Timeline is taken for all of it: %s", f.Reason)
	}
}

// TestSilence judges attempts at a scenario in which a notification was not
// seen: that is a breach where it came back in three attempts in a row, and
// open where it did not, with the reason.
func TestSilence(t *testing.T) {
	good := ran(t, "check", goodCheck, "OBS-3")
	mute := ran(t, "check", strings.Replace(goodCheck, "both 13 tm=-", "get tm=-", 1), "OBS-3")
	lossy := ran(t, "check", strings.Replace(goodCheck, "both 13 tm=- cm=V dos=RFNOP\n", "get tm=- cm=V dos=RFNOP\nsend tm=-\nretransmit\nanswer 2.04\n", 1), "OBS-3")
	wrong := ran(t, "check", strings.Replace(goodCheck, "both 13 tm=- cm=V dos=RFNOP", "both 12 tm=- cm=V dos=RFNOP mid=900", 1), "OBS-3")
	for _, c := range []struct {
		name    string
		runs    []conformance.ScenarioRun
		verdict conformance.Verdict
		why     string
		doubt   bool
	}{
		{"nothing is missing", []conformance.ScenarioRun{good}, conformance.Pass, "", false},
		{"once", []conformance.ScenarioRun{mute}, conformance.Inconclusive, "one datagram may have been lost: the scenario was run once", true},
		{"not again", []conformance.ScenarioRun{mute, good}, conformance.Inconclusive, "not repeated in 1 further attempt", false},
		{"again", []conformance.ScenarioRun{mute, mute}, conformance.Inconclusive, "not repeated in 1 further attempt", true},
		{"again, but no more", []conformance.ScenarioRun{mute, mute, good}, conformance.Inconclusive, "not repeated in 2 further attempts", false},
		{"each time", []conformance.ScenarioRun{mute, mute, mute}, conformance.Fail, "was last told", false},
		{"each time from then on", []conformance.ScenarioRun{good, mute, mute, mute}, conformance.Fail, "was last told", false},
		{"not in a row", []conformance.ScenarioRun{mute, mute, good, mute}, conformance.Inconclusive, "not repeated in 3 further attempts", true},
		{"over a network that loses", []conformance.ScenarioRun{lossy}, conformance.Inconclusive, "lost by the network", false},
		{"no silence", []conformance.ScenarioRun{wrong}, conformance.Fail, "not above the one before", false},
		{"no silence, after one", []conformance.ScenarioRun{mute, wrong}, conformance.Fail, "not above the one before", false},
	} {
		row := rowOf(t, Of(conformance.Profile{Supports: conformance.Supports{Validation: true}}, "ocf-1.0", c.runs), "OBS-3")
		reasons := ""
		for _, f := range row.Findings {
			if f.Verdict == c.verdict {
				reasons += f.Reason + "\n"
			}
		}
		if row.Verdict != c.verdict || !strings.Contains(reasons, c.why) {
			t.Errorf("%s: OBS-3 %s, want %s because %q: %s", c.name, row.Verdict, c.verdict, c.why, reasons)
		}
		if got := Doubtful(c.runs, nil); got != c.doubt {
			t.Errorf("%s: doubtful %v, want %v", c.name, got, c.doubt)
		}
		remembers(t, c.name, c.runs)
	}
}

// TestAStartThatNobodySaw judges a write that starts nothing, after which cm is
// another: of a Device that declares autonomous operation that is a breach only
// where it came back each time, since a process of its own explains it whose
// start was told and lost, as the network is seen to do with datagrams.
func TestAStartThatNobodySaw(t *testing.T) {
	const moved = `
begin tm=- cm=- dos=RFNOP
send tm=-
retransmit
answer 2.04
get tm=- cm=- dos=RFNOP
both 12 tm=- cm=V dos=RFNOP
end tm=- cm=V dos=RFNOP
`
	attempt := func(head string) conformance.ScenarioRun {
		run := ran(t, "unchanged", head+moved, "SVV-9")
		run.Timeline.Expectations = []conformance.Expectation{{
			Text: "pstat is unchanged", Form: conformance.Exactly, Client: "privileged",
			Rows: []conformance.Row{{TM: "-", CM: "-", DOS: "RFNOP"}},
		}}
		return run
	}
	alone := attempt("target autonomous\n")
	busy := ran(t, "check", "target autonomous\nbegin tm=- cm=- dos=RFNOP\nsend tm=-\nretransmit\nanswer 2.04\nget tm=- cm=- dos=RFNOP\npost tm=V 5.03\nsleep 150ms\n", "SVV-1")
	for _, c := range []struct {
		name string
		runs []conformance.ScenarioRun
		want conformance.Verdict
	}{
		{"not declared", []conformance.ScenarioRun{attempt("")}, conformance.Fail},
		{"declared, once", []conformance.ScenarioRun{alone}, conformance.Inconclusive},
		{"declared, as often as a datagram is not lost", []conformance.ScenarioRun{alone, alone, alone}, conformance.Inconclusive},
		{"declared, four times", []conformance.ScenarioRun{alone, alone, alone, alone}, conformance.Inconclusive},
		{"declared, five times", []conformance.ScenarioRun{alone, alone, alone, alone, alone}, conformance.Fail},
		{"refused, and perhaps busy", []conformance.ScenarioRun{busy, busy, busy}, conformance.Inconclusive},
		{"refused, five times", []conformance.ScenarioRun{busy, busy, busy, busy, busy}, conformance.Fail},
		{"asked for", []conformance.ScenarioRun{attempt("target autonomous\nautonomous-validation\n")}, conformance.Inconclusive}, // no rule is broken
	} {
		row := Run{Target: c.runs[0].Timeline.Header.Target, Scenarios: c.runs}.Assess().Scenarios[0]
		if row.Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, row.Verdict, row.Reason, c.want)
		}
		if n := len(c.runs); n > 1 && Doubtful(c.runs, nil) != (n < Most) {
			t.Errorf("%s: another attempt would tell: %v", c.name, n >= Most)
		}
	}
}

// TestHowASilenceIsTold: how often it did not come back, in numbers.
func TestHowASilenceIsTold(t *testing.T) {
	for further, want := range map[int]string{
		0: "quiet; one datagram may have been lost: the scenario was run once",
		1: "quiet; one datagram may have been lost: not repeated in 1 further attempt",
		2: "quiet; one datagram may have been lost: not repeated in 2 further attempts",
	} {
		got := notRepeated(conformance.Finding{Verdict: conformance.Fail, Reason: "quiet"}, further)
		if got.Verdict != conformance.Inconclusive || got.Reason != want {
			t.Errorf("%d: %s, %q, want %q", further, got.Verdict, got.Reason, want)
		}
	}
	const alone = "quiet; a process of the Device's own may have begun just then: fewer than 5 attempts in a row have it"
	if got := notRepeated(conformance.Finding{Verdict: conformance.Fail, Reason: "quiet", Alone: true}, 2); got.Reason != alone {
		t.Errorf("%q, want %q", got.Reason, alone)
	}
}

// TestASilenceStandsWhenItComesThreeTimesInARow: two silences, a pass between,
// and two more are no three in a row, and neither is what was attempted later.
func TestASilenceStandsWhenItComesThreeTimesInARow(t *testing.T) {
	silent := conformance.Finding{Verdict: conformance.Fail, Silent: true}
	good := conformance.Finding{Verdict: conformance.Pass}
	for name, c := range map[string]struct {
		all  []conformance.Finding
		want conformance.Verdict // of the first
	}{
		"three":                  {[]conformance.Finding{silent, silent, silent}, conformance.Fail},
		"three, and then a pass": {[]conformance.Finding{silent, silent, silent, good}, conformance.Fail},
		"two and two":            {[]conformance.Finding{silent, silent, good, silent, silent}, conformance.Inconclusive},
		"two":                    {[]conformance.Finding{silent, silent}, conformance.Inconclusive},
	} {
		var attempts []map[string]conformance.Finding
		for _, f := range c.all {
			attempts = append(attempts, map[string]conformance.Finding{"OBS-3": f})
		}
		corroborate(attempts)
		if got := attempts[0]["OBS-3"].Verdict; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestMemoryIsTheCallers: what it gives belongs to the caller, and it works nothing out twice.
func TestMemoryIsTheCallers(t *testing.T) {
	run := ran(t, "check", goodCheck, "SVV-6")
	run.Timeline.Header.Scenario = "check"
	run.Timeline.Expectations = []conformance.Expectation{{Text: "never", Form: conformance.NeverDuring, Client: "privileged", Rows: []conformance.Row{{TM: "U"}}}}
	m := &Memory{}
	first := m.judge(run.Timeline, judge.Known{})
	want := conclude(run.Timeline, judge.Known{})
	first.Expectations[0].Reason = "changed by the caller"
	first.Requirements["SVV-6"] = conformance.Finding{Reason: "changed by the caller"}
	if len(m.made) != 1 || len(m.sayings) == 0 || len(m.sayings) != len(m.where) {
		t.Fatalf("%d Timelines with %d sayings, of which %d are found again", len(m.made), len(m.sayings), len(m.where))
	}
	second := m.judge(run.Timeline, judge.Known{})
	if !reflect.DeepEqual(second, want) {
		t.Errorf("remembered\n%+v\nwant\n%+v", second, want)
	}
	second.Expectations[0].Reason = "changed by the caller"
	if third := m.judge(run.Timeline, judge.Known{}); !reflect.DeepEqual(third, want) {
		t.Errorf("after the caller changed it\n%+v\nwant\n%+v", third, want)
	}
	said := len(m.sayings)
	run.Timeline.Header.Scenario = "another"
	run.Timeline.Observations = append(run.Timeline.Observations[:0:0], run.Timeline.Observations...)
	if other := m.judge(run.Timeline, judge.Known{}); other.Requirements["SVV-6"].Scenario != "another" {
		t.Errorf("a finding of %q", other.Requirements["SVV-6"].Scenario)
	}
	if len(m.sayings) != said || len(m.made) != 2 {
		t.Errorf("the same sayings are kept again: %d, and before %d", len(m.sayings), said)
	}
	for _, s := range m.sayings {
		if s.finding.Scenario != "" {
			t.Errorf("a saying of %s is kept for the scenario %s", s.requirement, s.finding.Scenario)
		}
	}
	// What is remembered is given again, and not worked out.
	key := recording{&run.Timeline.Observations[0], len(run.Timeline.Observations), 1}
	r := m.made[key]
	r.Expectations[0].Reason = "as it is remembered"
	if again := m.judge(run.Timeline, judge.Known{}); again.Expectations[0].Reason != "as it is remembered" {
		t.Error("a Timeline was judged again, though nothing new is known")
	}
	if again := m.judge(run.Timeline, judge.Known{Restless: true}); again.Expectations[0].Reason == "as it is remembered" {
		t.Error("a Timeline was not judged again, though the Device is known to be restless")
	}
}

// TestWhatNoJudgeCanTellApart of what is known.
func TestWhatNoJudgeCanTellApart(t *testing.T) {
	left := judge.Known{Left: judge.Left{"x": "y"}}
	for _, c := range []struct {
		a, b judge.Known
		want bool
	}{
		{judge.Known{}, judge.Known{}, true},
		{judge.Known{Lossy: true}, judge.Known{}, false},
		{judge.Known{Restless: true}, judge.Known{}, false},
		{judge.Known{Restless: true}, judge.Known{Restless: true}, true},
		{left, judge.Known{}, false},
		{left, judge.Known{Left: judge.Left{"x": "y"}}, true},
	} {
		if got := alike(c.a, c.b); got != c.want {
			t.Errorf("%+v and %+v: %v", c.a, c.b, got)
		}
	}
}

// TestAnEmptyTimelineIsNotRemembered, since nothing tells it from another one.
func TestAnEmptyTimelineIsNotRemembered(t *testing.T) {
	m := &Memory{}
	one := play(t, "get tm=- cm=- dos=RFNOP")
	one.Observations = one.Observations[:1]
	m.judge(conformance.Timeline{}, judge.Known{})
	if m.judge(one, judge.Known{}); len(m.made) != 1 {
		t.Errorf("%d Timelines are remembered, want the one with an entry", len(m.made))
	}
}

// TestWhatIsSilent: a conclusion that rests on silence in a requirement, or in an expectation.
func TestWhatIsSilent(t *testing.T) {
	quiet, told := conformance.Finding{Silent: true}, conformance.Finding{}
	for want, all := range map[bool][]conclusion{
		true: {
			{Conclusion: judge.Conclusion{Requirements: map[string]conformance.Finding{"OBS-3": quiet}}},
			{Conclusion: judge.Conclusion{Expectations: []conformance.Finding{told, quiet}}},
		},
		false: {{}, {Conclusion: judge.Conclusion{Requirements: map[string]conformance.Finding{"OBS-3": told}, Expectations: []conformance.Finding{told}}}},
	} {
		for _, c := range all {
			if got := c.silent(); got != want {
				t.Errorf("%+v: %v", c, got)
			}
		}
	}
}
