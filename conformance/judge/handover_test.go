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
