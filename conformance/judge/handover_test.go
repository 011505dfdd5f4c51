package judge

import (
	"fmt"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// following is the Timelines of scripts that follow each other on one Device.
func following(t *testing.T, scripts ...string) []conformance.Timeline {
	t.Helper()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []conformance.Timeline
	for i, script := range scripts {
		tl := play(t, script)
		tl.Header.Scenario, tl.Header.Started = fmt.Sprintf("s%d", i+1), at
		at = at.Add(tl.Observations[len(tl.Observations)-1].At + time.Second)
		all = append(all, tl)
	}
	return all
}

// TestHandover wants what one scenario ended with to be compared with what the next
// begins with.
func TestHandover(t *testing.T) {
	const (
		updated = "version 1.0.0\nget tm=- cm=V dos=RFNOP\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP\nget tm=- cm=U dos=RFNOP\nsleep 1s\nget tm=- cm=U dos=RFNOP\nversion 1.0.1\n"
		stays   = "get tm=- cm=U dos=RFNOP\nversion 1.0.1\n"
		back    = "get tm=- cm=U dos=RFNOP\nversion 1.0.0\n"
		cleared = "get tm=- cm=- dos=RFNOP\nversion 1.0.1\n"
	)
	for _, c := range []struct {
		name    string
		scripts []string
		want    []string // "run requirement witness next"
	}{
		{"nothing", []string{updated, stays, stays}, nil},
		{"the software goes back", []string{updated, back}, []string{"0 SSU-5 13 s2"}},
		{"the software goes back in the midst of a scenario", []string{updated, stays + "sleep 3s\nversion 1.0.0\n"}, []string{"0 SSU-5 13 s2"}},
		{"the software goes back much later", []string{updated, stays, stays, back}, []string{"0 SSU-5 13 s4"}},
		{"the software goes back before the scenario ends", []string{updated + "sleep 3s\nversion 1.0.0\n"}, []string{"0 SSU-5 13 "}},
		{"also of a Device with updates of its own", []string{"target autonomous\n" + updated, "target autonomous\n" + back}, []string{"0 SSU-5 13 s2"}},
		{"a restart that was asked for", []string{updated, "get tm=- cm=U dos=RFNOP\nversion 1.0.1\nreboot\nversion 1.0.0\n"}, nil},
		{"an update that installs an older version", []string{updated, "get tm=- cm=U dos=RFNOP\nversion 1.0.1\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP\nget tm=- cm=U dos=RFNOP\nversion 1.0.0\n"}, nil},
		{"an update that nobody saw the end of", []string{updated, stays + "post tm=U lost\n", back}, nil},
		{"the result is gone", []string{updated, cleared}, []string{"0 SSU-11 11 s2"}},
		{"a check's result appears", []string{stays, "get tm=- cm=V+U dos=RFNOP\n"}, []string{"0 SVV-11 1 s2"}},
		{"a Device of its own will", []string{"target autonomous\n" + updated, "target autonomous\n" + cleared}, nil},
		{"a process is pending", []string{updated, "get tm=V cm=- dos=RFNOP\n"}, nil},
		{"dos was moved", []string{updated, "get tm=- cm=- dos=RFPRO\n"}, nil},
		{"a check was not seen to end", []string{stays + "post tm=V lost\n", cleared}, nil},
		{"a check is pending at the end", []string{"get tm=- cm=- dos=RFNOP\npost tm=V 2.04\nget tm=V cm=- dos=RFNOP\n", "get tm=- cm=V dos=RFNOP\n"}, nil},
		{"a bit is in tm at the end", []string{"get tm=U cm=U dos=RFNOP\n", "get tm=- cm=- dos=RFNOP\n"}, nil},
		{"a bit of no process is in tm at the end", []string{"get tm=0x1 cm=U dos=RFNOP\n", "get tm=0x1 cm=- dos=RFNOP\n"}, []string{"0 SSU-11 1 s2"}},
		{"written after the last look", []string{"get tm=- cm=U dos=RFNOP\npost cm=- 2.04\n", cleared}, nil},
		{"written before the first look", []string{stays, "post cm=- 2.04\nget tm=- cm=- dos=RFNOP\n"}, nil},
		{"written after the first look", []string{stays, "get tm=- cm=- dos=RFNOP\npost cm=- 2.04\n"}, []string{"0 SSU-11 1 s2"}},
		{"written while the last look was under way", []string{"send cm=-\nget tm=- cm=U dos=RFNOP\nanswer 2.04\n", cleared}, nil},
		{"restarted before the first look", []string{stays, "reboot\n" + cleared}, nil},
		{"restarted after the first look", []string{stays, cleared + "reboot\n"}, []string{"0 SSU-11 1 s2"}},
		{"restarted after the last look", []string{stays + "reboot\n", cleared}, nil},
		{"in RESET", []string{"get tm=- cm=U dos=RFNOP\npost dos=RESET 2.04\nget tm=- cm=U dos=RESET\n", "get tm=- cm=- dos=RESET\n"}, nil},
		{"nobody looked", []string{stays, "version 1.0.1\n", cleared}, nil},
		{"a look that has no answer", []string{stays, "get 4.04\n"}, nil},
		{"the first to be seen is a notification", []string{stays, "observe 4.04\nnotify 11 tm=- cm=- dos=RFNOP\n"}, nil},
		{"the last to be seen is a notification", []string{"observe tm=- cm=- dos=RFNOP\nnotify 11 tm=- cm=U dos=RFNOP\n", cleared}, nil},
		{"a restart for an update may clear V", []string{"target reboots\nget tm=- cm=V dos=RFNOP\npost tm=U 2.04\nget tm=U cm=V dos=RFNOP\nget tm=- cm=V+U dos=RFNOP\n", "get tm=- cm=U dos=RFNOP\n"}, nil},
		{"and not U", []string{"target reboots\nget tm=- cm=V dos=RFNOP\npost tm=U 2.04\nget tm=U cm=V dos=RFNOP\nget tm=- cm=V+U dos=RFNOP\n", "get tm=- cm=V dos=RFNOP\n"}, []string{"0 SSU-11 7 s2"}},
		{"an update without a restart does not", []string{"get tm=- cm=V dos=RFNOP\npost tm=U 2.04\nget tm=U cm=V dos=RFNOP\nget tm=- cm=V+U dos=RFNOP\n", "get tm=- cm=U dos=RFNOP\n"}, []string{"0 SVV-11 7 s2"}},
		{"nor a check", []string{"target reboots\nget tm=- cm=- dos=RFNOP\npost tm=V 2.04\nget tm=V cm=- dos=RFNOP\nget tm=- cm=V dos=RFNOP\n", "get tm=- cm=- dos=RFNOP\n"}, []string{"0 SVV-11 7 s2"}},
		{"nor a refused update", []string{"target reboots\nget tm=- cm=V dos=RFNOP\npost tm=U 4.00\nget tm=- cm=V dos=RFNOP\n", "get tm=- cm=- dos=RFNOP\n"}, []string{"0 SVV-11 5 s2"}},
		{"the source and the Device write versions differently", []string{"source version=1.0.0\nsource version=1.0.1\n", "version 1.0.0\n"}, nil},
		{"what the source reports goes back", []string{"source version=1.0.0\nsource version=1.0.1\n", "source version=1.0.0\n"}, []string{"0 SSU-5 1 s2"}},
		{"what was read in between is forgotten", []string{"source version=1.0.0\nsource version=1.0.1\n", "version 1.0.1\n", "source version=1.0.0\n"}, nil},
		{"there and back and there again", []string{updated, back, stays}, []string{"0 SSU-5 13 s2", "1 SSU-5 3 s3"}},
		{"an update that was refused", []string{updated, stays + "post tm=U 4.00\n", back}, []string{"0 SSU-5 13 s3"}},
		{"a check, and the software goes back", []string{updated, stays + "post tm=V 2.04\nget tm=V cm=U dos=RFNOP\nget tm=- cm=V+U dos=RFNOP\n", "version 1.0.0\n"}, []string{"0 SSU-5 13 s3"}},
		{"tm shows an update", []string{updated, "get tm=U cm=- dos=RFNOP\nversion 1.0.0\n"}, nil},
		{"tm showed an update before", []string{updated, "get tm=U cm=- dos=RFNOP\nget tm=- cm=U dos=RFNOP\nversion 1.0.1\nversion 1.0.0\n"}, []string{"0 SSU-5 13 s2"}},
		{"an update of the Device's own was arranged", []string{updated, stays + "autonomous-update\nversion 1.0.0\n"}, nil},
		{"it was arranged before", []string{updated, "autonomous-update\n" + stays + "version 1.0.0\n"}, []string{"0 SSU-5 13 s2"}},
		{"it was arranged afterwards", []string{updated, back + "autonomous-update\n"}, []string{"0 SSU-5 13 s2"}},
		{"it can't be had", []string{updated, stays + "lacks autonomous-update\nversion 1.0.0\n"}, []string{"0 SSU-5 13 s2"}},
		{"a check of its own was arranged", []string{updated, "autonomous-validation\n" + back}, []string{"0 SSU-5 13 s2"}},
		{"a reset to what it was made with", []string{updated, stays + "factory-reset\n", back}, nil},
		{"a restart after the last reading", []string{updated + "reboot\n", "version 1.0.0\n"}, nil},
		{"the answer to an update comes after the reading", []string{updated, "send tm=U\nversion 1.0.1\nanswer 4.00\nversion 1.0.0\n"}, []string{"0 SSU-5 13 s2"}},
		{"an update that is on its way when the version is read", []string{updated, "send tm=U\nversion 1.0.1\nanswer 2.04\nversion 1.0.0\n"}, nil},
		{"the source and the Device in turn", []string{"source version=1.0.0\n", "version 1.0.1\n", "source version=1.0.0\n"}, nil},
		{"an update that nobody saw the end of, two scenarios ago", []string{updated, stays + "post tm=U lost\n", "get tm=- cm=U dos=RFNOP\n", back}, nil},
		{"an update is pending when the version is read", []string{updated, "get tm=- cm=U dos=RFNOP\npost tm=U 2.04\nversion 1.0.1\n", back}, nil},
		{"a check is pending when the version is read", []string{updated, "get tm=- cm=U dos=RFNOP\npost tm=V 2.04\nversion 1.0.1\n", back}, []string{"0 SSU-5 13 s3"}},
		{"the Device did not answer", []string{stays + "get lost\n", cleared}, nil},
	} {
		var h Handover
		var got []string
		for _, tl := range following(t, c.scripts...) {
			for _, d := range h.Meet(tl) {
				got = append(got, fmt.Sprintf("%d %s %d %s", d.Run, d.Requirement, d.Finding.Witness, d.Finding.Next))
				if d.Finding.Verdict != conformance.Fail || d.Finding.Scenario != fmt.Sprintf("s%d", d.Run+1) {
					t.Errorf("%s: %+v", c.name, d.Finding)
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestHandoverInALaterEdition: the result of an availability check stays as well, and is named by its
// letter. An update that restarts the Device may clear it.
func TestHandoverInALaterEdition(t *testing.T) {
	const checked, lost = "get tm=- cm=N dos=RFNOP\n", "get tm=- cm=- dos=RFNOP\n"
	const restarts = "target reboots\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP\nget tm=- cm=U+N dos=RFNOP\n"
	for _, c := range []struct {
		name, edition string
		scripts       []string
		want          string
	}{
		{"the result stays", OCF22, []string{checked, checked}, ""},
		{"the result is gone", OCF22, []string{checked, lost}, "NSA-11 tm=- cm=N dos=RFNOP still: cm was N when this scenario ended, and - when the next one began, s2: " +
			"the result of the availability check did not stay, though nothing was requested\n"},
		{"no process of the edition has the bit", OCF10, []string{checked, lost}, ""},
		{"an update restarted the Device", OCF22, []string{restarts, "target reboots\nget tm=- cm=U dos=RFNOP\n"}, ""},
	} {
		var h Handover
		got := ""
		for _, tl := range following(t, c.scripts...) {
			tl.Header.Edition = c.edition
			for _, d := range h.Meet(tl) {
				got += d.Requirement + " " + d.Finding.Want + ": " + d.Finding.Reason + "\n"
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestHandoverNeedsOrder wants nothing to be concluded from Timelines that do not follow
// each other, or between which the harness dealt with the Device.
func TestHandoverNeedsOrder(t *testing.T) {
	all := following(t, "get tm=- cm=U dos=RFNOP\nget tm=- cm=U dos=RFNOP\n", "get tm=- cm=- dos=RFNOP\n")
	for _, c := range []struct {
		name string
		bend func(second *conformance.Timeline)
		want int
	}{
		{"as they are", func(*conformance.Timeline) {}, 1},
		{"the second began before the first ended", func(tl *conformance.Timeline) { tl.Header.Started = all[0].Header.Started }, 0},
		{"on another Device", func(tl *conformance.Timeline) { tl.Header.Target.Endpoint = "coap://[::1]" }, 0},
		{"renewed", func(tl *conformance.Timeline) {
			tl.Observations = append([]conformance.Observation{{Kind: conformance.Note, Text: "renewed"}}, tl.Observations...)
		}, 0},
	} {
		second := all[1]
		c.bend(&second)
		var h Handover
		if n := len(append(h.Meet(all[0]), h.Meet(second)...)); n != c.want {
			t.Errorf("%s: %d drifts, want %d", c.name, n, c.want)
		}
	}
}

// TestHandoverConcludesNothing of a Device that may have done something by itself in
// between, nor after a record that was full.
func TestHandoverConcludesNothing(t *testing.T) {
	all := following(t, "get tm=- cm=U dos=RFNOP\nversion 1.0.0\nversion 1.0.1\n", "get tm=- cm=- dos=RFNOP\nversion 1.0.0\n")
	for _, c := range []struct {
		name string
		h    Handover
		full bool
		want int
	}{
		{"as they are", Handover{}, false, 2},
		{"a Device of its own will", Handover{Restless: true}, false, 0},
		{"a full record", Handover{}, true, 0},
	} {
		first := all[0]
		if c.full {
			first.Observations = append(first.Observations[:len(first.Observations):len(first.Observations)], conformance.Observation{
				N: len(first.Observations), At: time.Second, Kind: conformance.Note, Text: conformance.RecordFull,
			})
		}
		if n := len(append(c.h.Meet(first), c.h.Meet(all[1])...)); n != c.want {
			t.Errorf("%s: %d drifts, want %d", c.name, n, c.want)
		}
	}
}
