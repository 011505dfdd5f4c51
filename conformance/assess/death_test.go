package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// exchanged are the observations of one request each, in a row: how it ended, ""
// for an answer.
type exchanged struct {
	method string
	hex    string
	lost   string
}

// lived is the Timeline of a scenario in which these requests were sent. The methods
// "reboot" and "hold" are the conditions.
func lived(p conformance.Profile, requests ...exchanged) conformance.ScenarioRun {
	rec := conformance.NewRecorder(conformance.Header{Scenario: "s", Target: p}, nil)
	rec.Append(conformance.Observation{Kind: conformance.Step, Text: "When a Client writes"})
	for _, r := range requests {
		if r.method == conformance.Hold && r.lost != "" {
			rec.Append(conformance.Observation{Kind: conformance.Condition, Name: r.method, Outcome: conformance.Asked})
			rec.Append(conformance.Observation{Kind: conformance.Condition, Name: r.method, Outcome: conformance.Unsupported, Text: r.lost})
			continue
		}
		if r.method == conformance.Reboot || r.method == conformance.Hold {
			rec.Append(conformance.Observation{Kind: conformance.Condition, Name: r.method, Outcome: conformance.Done})
			continue
		}
		f := &conformance.Frame{Type: "CON", Code: r.method, Path: ocf.PathPstat, Payload: conformance.Hex(r.hex)}
		n := rec.Append(conformance.Observation{Kind: conformance.Request, Client: conformance.Privileged, Frame: f})
		o := conformance.Observation{Kind: conformance.Lost, Client: conformance.Privileged, For: &n, Text: r.lost}
		if r.lost == "" {
			o.Kind, o.Frame = conformance.Response, &conformance.Frame{Type: "ACK", Code: "4.00", Path: ocf.PathPstat}
		}
		rec.Append(o)
	}
	return conformance.ScenarioRun{ID: "s", Requirements: []string{"SVV-6"}, Timeline: rec.Timeline(), Err: "the Device at coap://lamp does not answer"}
}

// TestDeath wants a Device that died of a request to fail what the request calls
// upon, first in the report, and silence of other kinds to stay what it was.
func TestDeath(t *testing.T) {
	const silence = "no answer to 5 transmissions within 1m2s"
	get, reboot := exchanged{"GET", "", ""}, exchanged{method: conformance.Reboot}
	array := exchanged{"POST", "\x82\x62tm\x18\x40", silence}
	deaf := exchanged{"GET", "", silence}
	closes := array
	closes.lost = conformance.PortCloses + ": nobody listened for 3 further transmissions"
	shut := exchanged{"GET", "", conformance.PortClosed + ": nobody listened for 3 transmissions"}
	check, update := array, array
	check.hex, update.hex = "\xa1\x62tm\x18\x40", "\xa1\x62tm\x18\x80"
	forgets, forgetsCheck, forgetsUpdate, moves := array, check, update, array
	forgets.lost, forgetsCheck.lost, forgetsUpdate.lost, moves.lost = conformance.Forgotten, conformance.Forgotten, conformance.Forgotten, conformance.Forgotten
	moves.hex = "\xa1\x63dos\xa1\x61s\x04"
	for _, c := range []struct {
		name     string
		requests []exchanged
		reboots  bool
		id       string // "" where it did not die
	}{
		{"twice of a check that it does not claim", []exchanged{get, check, deaf, reboot, get, check, deaf}, false, "DPM-1 unclaimed"},
		{"twice", []exchanged{get, array, deaf, reboot, get, array, deaf}, false, "DPM-1"},
		{"twice, and a restart alone brings it back", []exchanged{get, array, deaf, reboot, get, array, reboot, get}, false, "DPM-1"},
		{"twice, but it was never silent otherwise", []exchanged{get, array, reboot, get, array, reboot, get}, false, ""},
		{"twice of a check", []exchanged{get, check, deaf, reboot, get, check, deaf}, false, "SVV-1"},
		{"twice of an update, which restarts it", []exchanged{get, update, deaf, reboot, get, update, deaf}, true, ""},
		{"twice of an update", []exchanged{get, update, deaf, reboot, get, update, deaf}, false, "SSU-1"},
		{"once", []exchanged{get, array, deaf, reboot, get, {"POST", array.hex, ""}, get}, false, ""},
		{"twice, of others", []exchanged{get, array, deaf, reboot, get, check, deaf}, false, ""},
		{"it does not answer, and is there", []exchanged{get, array, get, array, get}, false, ""},
		{"its session is forgotten three times", []exchanged{get, forgets, get, forgets, forgets, get}, false, "DPM-1"},
		{"its session is forgotten twice", []exchanged{get, forgets, forgets, get}, false, ""},
		{"its session is forgotten, but it has answered the request as well", []exchanged{get, forgets, forgets, {"POST", array.hex, ""}, forgets, get}, false, ""},
		{"its session is forgotten at others", []exchanged{get, forgets, forgetsCheck, forgets, get}, false, ""},
		{"its session is forgotten at a move of dos", []exchanged{get, moves, moves, moves, get}, false, ""},
		{"its session is forgotten at an update, which restarts it", []exchanged{get, forgetsUpdate, forgetsUpdate, forgetsUpdate, get}, true, ""},
		{"its session is forgotten after a restart", []exchanged{get, reboot, forgets, forgets, forgets, get}, false, ""},
		{"the port closes on it for good", []exchanged{get, closes, shut}, false, "DPM-1"},
		{"the port closes on it for good, where nobody brings conditions about", []exchanged{get, {"hold", "", "no hook"}, closes, shut}, false, "DPM-1"},
		{"the port closes on it after a hook that worked, and then did not", []exchanged{get, {method: "hold"}, {"hold", "", "no hook"}, closes, shut}, false, ""},
		{"the port closes on it, and it comes back", []exchanged{get, closes, get}, false, ""},
		{"the port closes on it, after a hook was called", []exchanged{get, {method: conformance.Hold}, closes, shut}, false, ""},
		{"the port closed before", []exchanged{get, shut, shut}, false, ""},
		{"it never answered", []exchanged{closes, shut}, false, ""},
		{"the port closes after a restart", []exchanged{get, reboot, closes, shut}, false, ""},
	} {
		p := conformance.Profile{
			Supports: conformance.Supports{Validation: true, Update: true}, Timing: conformance.Timing{Reboot: time.Minute},
			Update: conformance.Update{Reboots: c.reboots},
		}
		if id, unclaimed := strings.CutSuffix(c.id, " unclaimed"); unclaimed {
			c.id, p.Supports.Validation = id, false
		}
		report := Of(p, "ocf-1.0", []conformance.ScenarioRun{lived(p, c.requests...)})
		id := ""
		for _, row := range report.Requirements {
			for _, f := range row.Findings {
				if strings.HasPrefix(f.Reason, DiedOf) {
					id += row.ID
				}
			}
		}
		if id != c.id {
			t.Errorf("%s: it died by %q, want %q", c.name, id, c.id)
		}
		if first := strings.HasPrefix(report.Reason, DiedOf+"POST /oic/sec/pstat with the payload "); first != (c.id != "") || first != (report.Verdict == conformance.Fail) {
			t.Errorf("%s: %s, %q", c.name, report.Verdict, report.Reason)
		}
	}
}
