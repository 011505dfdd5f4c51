package assess

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

func TestMeasured(t *testing.T) {
	const rest, pending = "tm=- cm=- dos=RFNOP", "tm=V cm=- dos=RFNOP"
	for name, c := range map[string]struct {
		script string
		want   string // validation, update, settle and reboot in ms; - for none
	}{
		"a check, from its answer": {"observe " + rest + "\npost tm=V 2.04\nnotify " + pending + "\nsleep 3s\nnotify tm=- cm=V dos=RFNOP", "3002 - 1 -"},
		"the longest of two": {
			"observe " + rest + "\npost tm=V 2.04\nnotify " + pending + "\nnotify " + rest +
				"\npost tm=V 2.04\nnotify " + pending + "\nsleep 1s\nnotify " + rest, "1002 - 1 -",
		},
		"an update that is only looked at":           {"post tm=U 2.04\nget tm=U cm=- dos=RFNOP\nsleep 2s\nget tm=- cm=U dos=RFNOP", "- 2004 - -"},
		"from the release of the gate":               {"hold\npost tm=V 2.04\nget " + pending + "\nsleep 9s\nrelease\nsleep 1s\nget " + rest, "1002 - - -"},
		"a gate that stays closed":                   {"hold\npost tm=V 2.04\nget " + pending + "\nsleep 9s\nget " + rest, "9004 - - -"},
		"a Device that was restarted":                {"post tm=V 2.04\nget " + pending + "\nreboot\nsleep 1s\nget " + rest, "- - - 1002"},
		"a request that is refused":                  {"post tm=V 4.01\nget " + pending + "\nget " + rest, "- - - -"},
		"a request without an answer":                {"post tm=V lost\nget " + pending + "\nget " + rest, "- - - -"},
		"one that never showed":                      {"post tm=V 2.04\nget " + rest + "\nget " + rest, "- - - -"},
		"one that never ended":                       {"observe " + rest + "\npost tm=V 2.04\nnotify " + pending + "\nsleep 9s\nget " + pending, "- - 1 -"},
		"a second request meanwhile":                 {"post tm=V 2.04\nget " + pending + "\nsleep 1s\npost tm=V 2.04\nget " + pending + "\nget " + rest, "1008 - - -"},
		"a Device that was restarted before":         {"reboot\nsleep 1s\nget " + rest + "\npost tm=V 2.04\nget " + pending + "\nsleep 1s\nget " + rest, "1004 - - 1002"},
		"a Device that was reset":                    {"post tm=V 2.04\nget " + pending + "\nfactory-reset\nsleep 1s\nget " + rest, "- - - -"},
		"a request of something else":                {"post dos=RFPRO 2.04\nget " + pending + "\nget " + rest, "- - - -"},
		"one that was pending before the request":    {"get " + pending + "\npost tm=V 2.04\nget " + pending + "\nget " + rest, "- - - -"},
		"one that had been pending and was not":      {"get " + pending + "\nget " + rest + "\npost tm=V 2.04\nget " + pending + "\nget " + rest, "4 - - -"},
		"one that ended before it was asked about":   {"post tm=V 2.04\nget " + pending + "\nget " + rest + "\nsleep 5s\nget " + pending + "\nget " + rest, "4 - - -"},
		"a request that could not be granted yet":    {"hold refused\npost tm=V 2.04\nget " + pending + "\nsleep 1s\nget " + rest, "1004 - - -"},
		"an answer that came after the notification": {"observe " + rest + "\nsend tm=V\nnotify " + pending + "\nanswer 2.04\nsleep 1s\nnotify " + rest, "1001 - 0 -"},
		"the answer to another request":              {"send tm=V\nsecond: post cm=V 4.00\nanswer 2.04\nget " + pending + "\nsleep 1s\nget " + rest, "1004 - - -"},
		"another request is refused meanwhile":       {"send tm=V\nsecond: post cm=V 4.00\nanswer 4.01\nget " + pending + "\nget " + rest, "- - - -"},
		"a shorter one after it":                     {"post tm=V 2.04\nget " + pending + "\nsleep 1s\nget " + rest + "\npost tm=V 2.04\nget " + pending + "\nget " + rest, "1004 - - -"},
		"a request during a process of its own":      {"post tm=V 2.04\nget " + pending + "\nsleep 1s\npost tm=V 2.04\nget " + rest, "1006 - - -"},
		"it was told of, and shown before":           {"observe " + rest + "\npost tm=V 2.04\nget " + pending + "\nnotify " + pending + "\nsleep 1s\nget " + rest, "1005 - - -"},
		"a write of cm":                              {"post cm=V 2.04\nget " + pending + "\nget " + rest, "- - - -"},
		"by PUT":                                     {"put tm=V 2.04\nget " + pending + "\nget " + rest, "- - - -"},
		"a plan that is written like it":             {"plan hex:a162746d1840 2.04\nget " + pending + "\nget " + rest, "- - - -"},
		"two restarts":                               {"reboot\nsleep 1s\nget " + rest + "\nreboot\nsleep 2s\nget " + rest, "- - - 2002"},
		"a restart that is not granted":              {"get " + rest + "\nlacks reboot\nsleep 1s\nget " + rest, "- - - -"},
		"a restart after which nothing answers":      {"get " + rest + "\nreboot\nget lost", "- - - -"},
		"a restart with the answer":                  {"send tm=V\nreboot\nanswer 2.04\nget " + pending + "\nsleep 1s\nget " + rest, "1004 - - 1"},
		"a gate that is not opened":                  {"hold\npost tm=V 2.04\nget " + pending + "\nsleep 9s\nlacks release\nsleep 1s\nget " + rest, "10006 - - -"},
		"a gate that was opened before":              {"hold\nrelease\nsleep 9s\npost tm=V 2.04\nget " + pending + "\nsleep 1s\nget " + rest, "1004 - - -"},
		"nothing at all":                             {"", "- - - -"},
		"one that begins by itself":                  {"observe " + rest + "\nnotify " + pending + "\nnotify " + rest, "- - - -"},
	} {
		t.Run(name, func(t *testing.T) {
			run := conformance.ScenarioRun{ID: "a", Timeline: play(t, numbered(c.script))}
			m := Run{Target: defaults, Scenarios: []conformance.ScenarioRun{run}}.measured()
			if m == nil {
				m = &Measured{}
			}
			var got []string
			for _, one := range []*Measurement{m.Validation, m.Update, m.Settle, m.Reboot} {
				text := "-"
				if one != nil {
					text = strconv.FormatInt(seconds(one.MaxS).Milliseconds(), 10)
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// numbered is a script whose notifications have Observe numbers, from 11.
func numbered(script string) string {
	n := 10
	var b strings.Builder
	for line := range strings.Lines(script) {
		if rest, ok := strings.CutPrefix(line, "notify "); ok {
			n++
			line = fmt.Sprintf("notify %d %s", n, rest)
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestWhereTheLongestWasSeen: the first of those that took as long, whatever came after it.
func TestWhereTheLongestWasSeen(t *testing.T) {
	check := func(sleep string) conformance.Timeline {
		return play(t, "post tm=V 2.04\nget tm=V cm=- dos=RFNOP\nsleep "+sleep+"\nget tm=- cm=V dos=RFNOP")
	}
	skipped := conformance.ScenarioRun{ID: "left-out", Skipped: "pics", Timeline: check("1h")}
	r := Run{Target: defaults, Scenarios: []conformance.ScenarioRun{
		{ID: "a", Timeline: check("1s")}, {ID: "b", Timeline: check("2s")}, {ID: "c", Timeline: check("2s")}, {ID: "d", Timeline: check("1s")}, skipped,
	}}
	m := r.measured().Validation
	if want := (Measurement{MaxS: 2.004, DeclaredS: 2, Times: 4, Scenario: "b", AtS: 2.006}); *m != want {
		t.Errorf("%+v, want %+v", *m, want)
	}
	none := Run{Target: defaults, Scenarios: []conformance.ScenarioRun{{ID: "a", Timeline: play(t, "get tm=- cm=- dos=RFNOP")}, skipped}}
	if got := none.measured(); got != nil {
		t.Errorf("nothing was seen: %+v", got)
	}
	if got := seconds(1.00004); got != time.Second {
		t.Errorf("%v of a tenth of a millisecond", got)
	}
}

// TestTheFirstEntriesAreMeasured, as a record may begin with any of them.
func TestTheFirstEntriesAreMeasured(t *testing.T) {
	zero := 0
	answered := play(t, "post tm=V 2.04\nget tm=V cm=- dos=RFNOP\nsleep 1s\nget tm=- cm=V dos=RFNOP")
	if got := (watch{Timeline: answered}).accepted(0); got != 1 {
		t.Errorf("the answer is entry %d", got)
	}
	told := play(t, "observe tm=- cm=- dos=RFNOP\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=- dos=RFNOP")
	told.Observations = told.Observations[2:]
	for i := range told.Observations {
		told.Observations[i].For = &zero
	}
	w := watch{Timeline: told, samples: told.Samples()}
	if began, ended, by := w.follow(-1, ocf.SVV); began != 0 || ended != 1 || by != 0 {
		t.Errorf("it began at %d, ended at %d, and was told by %d", began, ended, by)
	}
	if w.pending(0, ocf.SVV) != true || w.pending(1, ocf.SVV) {
		t.Error("what a look at that very entry shows is not what is pending")
	}
}

// TestTimesDeclaredFarTooLong has a whole run warn, and a selection not.
func TestTimesDeclaredFarTooLong(t *testing.T) {
	target := defaults
	target.Timing.Validation, target.Timing.Update = time.Minute, 900*time.Millisecond
	check := play(t, numbered("observe tm=- cm=- dos=RFNOP\npost tm=V 2.04\nnotify tm=V cm=- dos=RFNOP\nsleep 1s\nnotify tm=- cm=V dos=RFNOP\n"+
		"post tm=U 2.04\nnotify tm=U cm=- dos=RFNOP\nnotify tm=- cm=U dos=RFNOP"))
	run := Run{Target: target, Scenarios: []conformance.ScenarioRun{{ID: "a", Timeline: check}}}
	report := run.Assess()
	want := []Remark{{About: AboutTiming, Says: "timing.validation is declared as 1m0s, and at most 1.002s was measured (once): runs take longer than they need"}}
	if diff := cmp.Diff(want, report.Remarks); diff != "" {
		t.Error(diff)
	}
	if m := report.Measured.Validation; m.Scenario != "a" || m.DeclaredS != 60 || m.Times != 1 {
		t.Errorf("%+v", m)
	}
	run.Partial = true
	if report := run.Assess(); report.Remarks != nil || report.Measured == nil {
		t.Errorf("a selection: %+v, measured %+v", report.Remarks, report.Measured)
	}
}

// TestWhatIsFarTooLong is ten times what was measured, and so much longer that it is felt.
func TestWhatIsFarTooLong(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		measured, declared time.Duration
		want               bool
	}{{s, 10 * s, true}, {s, 10*s - 1, false}, {s, 11 * s, true}, {s / 10, s, false}, {s / 10, 11 * s / 10, true}, {0, s, true}, {0, s - 1, false}} {
		if got := FarTooLong(c.measured, c.declared); got != c.want {
			t.Errorf("%v declared, %v measured: %v", c.declared, c.measured, got)
		}
	}
	if once, twice := times(1), times(2); once != "once" || twice != "2 times" {
		t.Errorf("%q and %q", once, twice)
	}
}
