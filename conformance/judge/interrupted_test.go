package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestAProcessOfTheDevicesOwnComesBetween holds a scenario that wants a check to end to a
// Device on which it does not. That is a breach, unless the Device was at a process
// of its own when the scenario began to look, or is known to begin such.
func TestAProcessOfTheDevicesOwnComesBetween(t *testing.T) {
	const (
		pending = "get tm=U cm=- dos=RFNOP\nobserve tm=U cm=- dos=RFNOP\n" // nobody saw it begin
		idle    = "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\n"
		stuck   = "notify 11 tm=V cm=- dos=RFNOP\nwait timeout\nget tm=V cm=- dos=RFNOP\n"
		check   = "post tm=V 2.04\n" + stuck
		alone   = "target autonomous\n"
	)
	for _, c := range []struct {
		name, before, after string
		known               Known
		want                conformance.Verdict
	}{
		{"nothing came between", idle, check, Known{}, conformance.Fail},
		{"nothing came between on a Device that may begin by itself", alone + idle, check, Known{}, conformance.Fail},
		{"one was pending", alone + pending, check, Known{}, conformance.Inconclusive},
		{"one was pending, but the Device declares none", pending, check, Known{}, conformance.Fail},
		{"it was requested", alone + "post tm=U 2.04\n" + pending, check, Known{}, conformance.Fail},
		{"what was refused was not requested", alone + "post tm=U 4.00\n" + pending, check, Known{}, conformance.Inconclusive},
		{"it is requested by what is looked at", alone + pending, "post tm=U 2.04\n" + stuck, Known{}, conformance.Inconclusive},
		{"another one was requested", alone + "post tm=V 2.04\n" + pending, check, Known{}, conformance.Inconclusive},
		{"a bit that is no process", alone + strings.ReplaceAll(pending, "tm=U", "tm=0x4"), check, Known{}, conformance.Fail},
		{"nobody had looked", alone, check + "observe tm=V cm=- dos=RFNOP\n", Known{}, conformance.Fail},
		{"it was told to begin", alone + "autonomous-update\n" + pending, check, Known{}, conformance.Fail},
		{"the run shows that it begins such", idle, check, Known{Restless: true}, conformance.Inconclusive},
	} {
		tl := play(t, c.before+c.after)
		from := len(play(t, c.before).Observations)
		tl.Expectations = []conformance.Expectation{{
			Text: c.name, Form: conformance.EndsWith, Client: "privileged", From: from, Upto: len(tl.Observations), Rows: rows(t, "- V+U?"),
		}}
		if f := Scenario(tl, c.known).Expectations[0]; f.Verdict != c.want {
			t.Errorf("%s: %q (%s), want %q", c.name, f.Verdict, f.Reason, c.want)
		}
	}
}

// TestWhoseProcessesMakeARunRestless: those that nobody requested and nobody arranged.
func TestWhoseProcessesMakeARunRestless(t *testing.T) {
	const (
		idle  = "get tm=- cm=- dos=RFNOP\nobserve tm=- cm=- dos=RFNOP\nsleep 1s\n"
		rises = "notify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=V dos=RFNOP\nget tm=- cm=V dos=RFNOP\n"
		again = "notify 13 tm=V cm=V dos=RFNOP\n"
	)
	for _, c := range []struct {
		name, script string
		want         bool
	}{
		{"it begins one", idle + rises, true},
		{"it was told to", "autonomous-validation\n" + idle + rises, false},
		{"a check was requested", idle + "post tm=V 2.04\n" + rises, false},
		{"a check was requested before it was observed", "post tm=V 2.04\n" + idle + rises, true},
		{"the bit falls, and rises at once", idle + "post tm=V 2.04\n" + rises + again, false},
		{"the bit rises long after it fell", idle + "post tm=V 2.04\n" + rises + "sleep 1s\n" + again, true},
		{"an action was scheduled", "edition ocf-2.2\ntarget softwareupdate\nplan action=isac at=10s 2.04\n" + idle + rises, false},
		{"it was there all the time", strings.ReplaceAll(idle, "tm=-", "tm=V") + "notify 11 tm=V cm=- dos=RFNOP\n", false},
		{"something was written just before", idle + "send tm=-\nnotify 11 tm=V cm=- dos=RFNOP\nanswer 2.04\n", false},
	} {
		if got := Restless(play(t, c.script)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestForHowLongNobodyWatched: a notification shows the Device at most as it is when
// it comes, an answer as it was when it was asked for.
func TestForHowLongNobodyWatched(t *testing.T) {
	for script, want := range map[string]string{
		"observe tm=- cm=- dos=RFNOP\nsleep 1s\nnotify 11 tm=V cm=- dos=RFNOP\n":                                          "1.002s", // since the registration was sent
		"observe tm=- cm=- dos=RFNOP\nsleep 1s\nnotify 11 tm=V cm=- dos=RFNOP\nsleep 2s\nnotify 12 tm=- cm=- dos=RFNOP\n": "2.001s",
		"get tm=- cm=- dos=RFNOP\n": "0s",
	} {
		s := read(play(t, script))
		n := s.samples[len(s.samples)-1].N
		if got := s.unwatched(n).String(); got != want {
			t.Errorf("%q: %s, want %s", script, got, want)
		}
	}
}

// TestAMissedProcessIsNoBreach: over a network that loses datagrams a Device that declares
// processes of its own may have had one that nobody saw.
func TestAMissedProcessIsNoBreach(t *testing.T) {
	for _, c := range []struct {
		name, script string
		loss         bool
		verdict      conformance.Verdict
		silent       bool
	}{
		{"a network that loses nothing", "target autonomous\nget tm=- cm=- dos=RFNOP\nsleep 3s\nget tm=V cm=- dos=RFNOP\n", false, conformance.Fail, false},
		{"a Device without such processes", "get tm=- cm=- dos=RFNOP\nsleep 3s\nget tm=V cm=- dos=RFNOP\n", true, conformance.Fail, false},
		{"it was watched", "target autonomous\nget tm=- cm=- dos=RFNOP\nsleep 1s\nget tm=V cm=- dos=RFNOP\n", true, conformance.Fail, true},
		{"it was not watched", "target autonomous\nget tm=- cm=- dos=RFNOP\nsleep 3s\nget tm=V cm=- dos=RFNOP\n", true, conformance.Inconclusive, false},
		{"it was not watched for as long as a datagram is sent again", "target autonomous\nobserve tm=- cm=- dos=RFNOP\nnotify 11 tm=- cm=- dos=RFNOP\nsleep 1999ms\nnotify 12 tm=V cm=- dos=RFNOP\n", true, conformance.Inconclusive, false},
		{"a slow answer", "target autonomous\nget tm=- cm=- dos=RFNOP\nsend tm=-\nsleep 249ms\nanswer 2.04\nsleep 3s\nget tm=V cm=- dos=RFNOP\n", false, conformance.Inconclusive, false},
		{"an answer that is not quite slow", "target autonomous\nget tm=- cm=- dos=RFNOP\nsend tm=-\nsleep 248ms\nanswer 2.04\nsleep 3s\nget tm=V cm=- dos=RFNOP\n", false, conformance.Fail, false},
	} {
		s := readKnowing(play(t, c.script), Known{Lossy: c.loss})
		n := s.samples[len(s.samples)-1].N
		f := s.unlessMissed(broken(n, "", "", "tm had V"))
		if f.Verdict != c.verdict || f.Silent != c.silent {
			t.Errorf("%s: %s, silent %v (%s); want %s, %v", c.name, f.Verdict, f.Silent, f.Reason, c.verdict, c.silent)
		}
		if long := strings.Contains(f.Reason, "nobody had seen the Device for"); long != (c.verdict == conformance.Inconclusive) {
			t.Errorf("%s: %s", c.name, f.Reason)
		}
	}
}

// TestWhatIsUnderstoodOfAnOffer reads what was on offer at an entry: what nobody could
// arrange, and what the Device's own results have taught.
func TestWhatIsUnderstoodOfAnOffer(t *testing.T) {
	s := read(play(t, "learned no-update\nlacks update-available\nlacks hold\nget tm=- cm=- dos=RFNOP\nupdate-fails\nlearned update-fails\nget tm=- cm=- dos=RFNOP\n"))
	at := func(kind conformance.Kind, name, outcome string) int {
		return slices.IndexFunc(s.tl.Observations, func(o conformance.Observation) bool {
			return o.Kind == kind && o.Name == name && o.Outcome == outcome
		})
	}
	lacks, fails, learned := at(conformance.Condition, conformance.UpdateAvailable, conformance.Unsupported), at(conformance.Condition, conformance.UpdateFails, conformance.Done), at(conformance.Condition, conformance.UpdateFails, conformance.Learned)
	for n, want := range map[int][2]string{
		-1:          {"", ""},
		0:           {"", ""},
		1:           {"", "no-update"},
		lacks:       {"", "no-update"},
		lacks + 1:   {"update-available", "no-update"},
		fails:       {"update-available", "no-update"},
		fails + 1:   {"", "no-update"},
		learned:     {"", "no-update"},
		learned + 1: {"", "update-fails"},
		never:       {"", "update-fails"},
	} {
		if got := [2]string{s.unarranged(n), s.learned(n)}; got != want {
			t.Errorf("entry %d: %q, want %q", n, got, want)
		}
	}
}

// TestAProcessJustAfterAWriteThatAsksForNone: of a Device that declares processes of its own,
// one that begins just then is silent; of any other, and of what no process changes, it is not.
func TestAProcessJustAfterAWriteThatAsksForNone(t *testing.T) {
	const (
		begin    = "target secured\nget tm=- cm=V dos=RFNOP\nobserve tm=- cm=V dos=RFNOP\n"
		refused  = "unprivileged without ACE: post %s 4.01\n"
		taken    = "post %s 2.04\n"
		shows    = "get tm=V cm=- dos=RFNOP\n"
		first    = "notify 11 tm=- cm=- dos=RFNOP\n"
		declares = "target autonomous\n"
	)
	for _, c := range []struct {
		name, id, declares, write, body, after string
		silent                                 bool
	}{
		{"a stranger's dos", "DPM-12", declares, refused, "dos=RFPRO", shows, true},
		{"of a Device without such processes", "DPM-12", "", refused, "dos=RFPRO", shows, false},
		{"dos itself", "DPM-12", declares, refused, "dos=RFPRO", "get tm=- cm=V dos=RFPRO\n", false},
		{"a stranger's check", "SVV-3", declares, refused, "tm=V", shows, true},
		{"a stranger's check, without such processes", "SVV-3", "", refused, "tm=V", shows, false},
		{"a value that is no mask", "DPM-1", declares, taken, "hex:a162746d1a00010000", shows, true},
		{"a value that is no mask, without such processes", "DPM-1", "", taken, "hex:a162746d1a00010000", shows, false},
		{"a value that is no mask, and cm alone", "DPM-1", declares, taken, "hex:a162746d1a00010000", "get tm=- cm=- dos=RFNOP\n", false},
		{"an undefined bit", "DPM-10", declares, taken, "tm=0x4000", shows, true},
		{"an undefined bit, without such processes", "DPM-10", "", taken, "tm=0x4000", shows, false},
		{"a bit for onboarding", "DPM-14", declares, taken, "tm=0x4", shows, true},
		{"a bit for onboarding, without such processes", "DPM-14", "", taken, "tm=0x4", shows, false},
		{"cm is cleared first", "DPM-14", declares, taken, "tm=0x4", first + shows, true},
		{"cm is cleared, and then asked anew", "DPM-14", declares, taken, "tm=0x4", first + "post tm=V 2.04\n" + shows, false},
	} {
		f := Scenario(play(t, c.declares+begin+fmt.Sprintf(c.write, c.body)+c.after), Known{}).Requirements[c.id]
		if f.Verdict != conformance.Fail || f.Silent != c.silent {
			t.Errorf("%s: %s, silent %v (%s); want a fail, %v", c.name, f.Verdict, f.Silent, f.Reason, c.silent)
		}
	}
}
