package conformance

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wellPlayed is a check that everything passes of.
const wellPlayed = `update-available
begin tm=- cm=- dos=RFNOP
post tm=V 2.04
both 11 tm=V cm=- dos=RFNOP
source checks=1 fetches=0 served=0 holding=1
release
source checks=1 holding=0
both 12 tm=V cm=V dos=RFNOP
both 13 tm=- cm=V dos=RFNOP
end tm=- cm=V dos=RFNOP
`

// A record that can't have come about so is an error, and never a pass.
func TestAFlawedRecordIsAnError(t *testing.T) {
	report := func(tl Timeline) ScenarioResult {
		return Assess(tl.Header.Target, "ocf-1.0", []ScenarioRun{{ID: "x", Requirements: []string{"SVV-6"}, Timeline: tl}}).Scenarios[0]
	}
	if row := report(play(t, wellPlayed)); row.Verdict != Pass {
		t.Fatalf("%s: %s", row.Verdict, row.Reason)
	}
	for name, c := range map[string]struct{ lines, want string }{
		"a count that goes back":        {"source checks=0", "checks was 1, and is 0"},
		"a count below nothing":         {"source holding=-1", "holding is -1"},
		"more served than was asked":    {"source served=1", "1 packages served of 0 asked for"},
		"a request that nothing ends":   {"send tm=-", "the record has a hole: of request"},
		"an answer that was not taped":  {"send tm=-\nget tm=- cm=V dos=RFNOP", "the record has a hole: of request"},
		"a fetch taken back":            {"source fetches=2\nsource fetches=1", "fetches was 2, and is 1"},
		"a package that was served not": {"source fetches=2 served=2\nsource served=1", "served was 2, and is 1"},
	} {
		if row := report(play(t, wellPlayed+c.lines)); row.Verdict != Error || !strings.Contains(row.Reason, c.want) {
			t.Errorf("%s: %s, %q, want error, %q", name, row.Verdict, row.Reason, c.want)
		}
	}
}

// The clock on the wall may be set while a Device is tested; what is judged by
// is the one that can't be.
func TestTheWallClockMayJump(t *testing.T) {
	for _, tl := range scripts(t) {
		want := JudgeAll(tl)
		for _, jump := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
			jumped := tl
			jumped.Observations = append([]Observation(nil), tl.Observations...)
			for i := range jumped.Observations {
				jumped.Observations[i].Wall = tl.Header.Started.Add(tl.Observations[i].At)
				if i > len(tl.Observations)/2 {
					jumped.Observations[i].Wall = jumped.Observations[i].Wall.Add(jump)
				}
			}
			if diff := cmp.Diff(want, JudgeAll(jumped)); diff != "" {
				t.Errorf("jumped by %v (-was +is):\n%s", jump, diff)
			}
		}
	}
}

// A clock that goes back in a record was not the Recorder's.
func TestARecordWhoseClockGoesBackIsRefused(t *testing.T) {
	tl := play(t, wellPlayed)
	tl.Observations[7].At = tl.Observations[6].At - 1
	var file bytes.Buffer
	if err := tl.Write(&file); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTimeline("x.jsonl", &file); err == nil || !strings.Contains(err.Error(), "x.jsonl:9: at_ns is") {
		t.Errorf("%v", err)
	}
}

// Scenarios that sent nothing conclude nothing, whatever they are tagged with.
func TestAnEmptyRecordIsNoPass(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"conditions alone":   "update-available\nreboot",
		"waits alone":        "wait seen\nsleep 2s\nwait seen",
		"sessions alone":     "opened\nclosed",
		"the source alone":   "source checks=0\nsource checks=1 fetches=1 served=1",
		"reads of what else": "version 1.0.0\nversion 1.0.1",
	} {
		report := assessed(play(t, text))
		if report.ExitCode() == 0 || report.Counts[Pass]+report.Counts[Warn] > 0 {
			t.Errorf("%s: exit code %d, %v", name, report.ExitCode(), report.Counts)
		}
	}
}
