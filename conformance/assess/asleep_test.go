package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// exchanges is a Timeline of requests, each after a silence of so many seconds. One below 0
// has to be sent again, two seconds later.
func exchanges(silences ...int) conformance.Timeline {
	var tl conformance.Timeline
	now := time.Duration(0)
	add := func(kind conformance.Kind, code string, of int) int {
		o := conformance.Observation{N: len(tl.Observations), At: now, Kind: kind, Frame: &conformance.Frame{Code: code}}
		if of >= 0 {
			o.For = &of
		}
		tl.Observations = append(tl.Observations, o)
		return o.N
	}
	add(conformance.Response, conformance.CodeContent, add(conformance.Request, conformance.MethodGET, -1))
	for _, s := range silences {
		now += time.Duration(max(s, -s)) * time.Second
		n := add(conformance.Request, conformance.MethodGET, -1)
		if s < 0 {
			now += 2 * time.Second
			add(conformance.Message, conformance.MethodGET, n)
		}
		add(conformance.Message, "0.00", n)
		add(conformance.Response, conformance.CodeContent, n)
	}
	return tl
}

// TestSleepsEarlier: it is said that a Device sleeps earlier than it declares where silence
// alone tells what it hears, and where it has been seen often enough.
func TestSleepsEarlier(t *testing.T) {
	for name, c := range map[string]struct {
		silences []int
		want     string // "": nothing
	}{
		"it hears for 5 s of 20":      {[]int{4, -6, 3, -9, 5, -14}, "sleep.awake is declared as 20s, and 3 requests that came 6s or more after the Device had last said something went unheard, while all that came within 5s were heard"},
		"not yet often enough":        {[]int{4, -6, 3, -9, 5}, ""},
		"the network loses":           {[]int{4, -6, 3, -9, 12, -14}, ""},
		"just as long is both":        {[]int{6, -6, -9, -14}, ""},
		"it is not to be awake":       {[]int{4, -20, -25, -30}, ""},
		"all is heard":                {[]int{1, 10, 19}, ""},
		"it hears to the last moment": {[]int{4, -20, -19, -18, -17}, "3 requests that came 17s or more"},
		"the shortest one comes last": {[]int{2, -14, -9, -7}, "3 requests that came 7s or more"},
	} {
		t.Run(name, func(t *testing.T) {
			run := Run{Target: conformance.Profile{Sleep: conformance.Sleep{Every: time.Minute, Awake: 20 * time.Second}}, Partial: true}
			run.Scenarios = []conformance.ScenarioRun{{ID: "one", Timeline: exchanges(c.silences...)}, {ID: "two", Skipped: "not selected", Timeline: exchanges(19)}}
			var got []string
			for _, r := range run.Assess().Remarks {
				got = append(got, r.Says)
			}
			if says := strings.Join(got, "\n"); (c.want == "") != (says == "") || !strings.Contains(says, c.want) {
				t.Errorf("%q, want %q", says, c.want)
			}
		})
	}
}

// What a restart swallows is no sleep.
func TestARestartIsNoSleep(t *testing.T) {
	tl := exchanges(1, -3, 1, -3, 1, -3)
	for i := range tl.Observations {
		if o := &tl.Observations[i]; o.Kind == conformance.Message && o.Frame.Code == "0.00" {
			o.Kind = conformance.Response
		}
	}
	a := asleep{declared: time.Minute}
	a.take(tl)
	if a.times != 3 {
		t.Fatalf("%d requests went unheard, want 3", a.times)
	}
	for i := range tl.Observations {
		if o := &tl.Observations[i]; o.Kind == conformance.Response {
			o.Kind = conformance.Condition
		}
	}
	a = asleep{declared: time.Minute}
	if a.take(tl); a.times != 0 {
		t.Errorf("%d requests went unheard after restarts", a.times)
	}
}

// TestWhatBreaksASilence: an answer and a notification do, and nothing is known before the
// first of them and after a condition.
func TestWhatBreaksASilence(t *testing.T) {
	const state = "tm=- cm=- dos=RFNOP"
	for name, c := range map[string]struct {
		script string
		want   asleep
	}{
		"an answer":                  {"get " + state + "\nsleep 3s\nget " + state, asleep{heard: 3001 * time.Millisecond}},
		"a notification":             {"observe " + state + "\nsleep 3s\nnotify 11 " + state + "\nsleep 1s\nget " + state, asleep{heard: 1001 * time.Millisecond}},
		"nothing was said yet":       {"sleep 3s\nget " + state, asleep{}},
		"a restart":                  {"get " + state + "\nreboot\nsleep 3s\nget " + state, asleep{}},
		"the trusted source":         {"get " + state + "\nsource checks=1\nsleep 3s\nget " + state, asleep{heard: 3002 * time.Millisecond}},
		"a request that was lost":    {"get " + state + "\nsleep 2s\nget lost\nsleep 3s\nget lost", asleep{unheard: 2001 * time.Millisecond, times: 2}},
		"a silence as declared":      {"get " + state + "\nsleep 9999ms\nget lost", asleep{}},
		"a silence just below it":    {"get " + state + "\nsleep 9998ms\nget lost", asleep{unheard: 9999 * time.Millisecond, times: 1}},
		"copies that no frame shows": {"get " + state + "\nsleep 2s\nget " + state, asleep{heard: 2001 * time.Millisecond}},
		"a copy, and its answer":     {"get " + state + "\nsleep 2s\nsend tm=V\nretransmit\nanswer 2.04", asleep{unheard: 2001 * time.Millisecond, times: 1}},
		"an answer, but no frame":    {"get " + state + "\nsleep 2s\nget " + state, asleep{heard: 2001 * time.Millisecond}},
		"a request that is hidden":   {"get " + state + "\nsleep 2s\nget broken-off", asleep{unheard: 2001 * time.Millisecond, times: 1}},
	} {
		c.want.declared = 10 * time.Second
		a := asleep{declared: c.want.declared}
		tl := play(t, c.script)
		switch name {
		case "an answer, but no frame":
			tl.Observations[1].Frame = nil
		case "copies that no frame shows":
			tl.Observations = append(tl.Observations, conformance.Observation{Kind: conformance.Message, For: tl.Observations[3].For})
		case "a copy, and its answer":
			n := 2
			tl.Observations[3].For = &n
		}
		if a.take(tl); a != c.want {
			t.Errorf("%s: %+v, want %+v", name, a, c.want)
		}
	}
	a := asleep{declared: time.Minute, heard: 1500*time.Millisecond + 1, unheard: 2500*time.Millisecond + 1, times: 3}
	if says := a.remarks()[0].Says; !strings.Contains(says, " came 2.5s or more ") || !strings.Contains(says, " within 1.5s were ") {
		t.Error(says)
	}
}
