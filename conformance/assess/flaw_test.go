package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
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
	report := func(tl conformance.Timeline) ScenarioResult {
		return Of(tl.Header.Target, "ocf-1.0", []conformance.ScenarioRun{{ID: "x", Requirements: []string{"SVV-6"}, Timeline: tl}}).Scenarios[0]
	}
	if row := report(play(t, wellPlayed)); row.Verdict != conformance.Pass {
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
		if row := report(play(t, wellPlayed+c.lines)); row.Verdict != conformance.Error || !strings.Contains(row.Reason, c.want) {
			t.Errorf("%s: %s, %q, want error, %q", name, row.Verdict, row.Reason, c.want)
		}
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
		report := ofEverything(play(t, text))
		if report.ExitCode() == 0 || report.Counts[conformance.Pass]+report.Counts[conformance.Warn] > 0 {
			t.Errorf("%s: exit code %d, %v", name, report.ExitCode(), report.Counts)
		}
	}
}

// ofEverything is the report of a run of one scenario, which is tagged with every requirement.
func ofEverything(tl conformance.Timeline) Report {
	var ids []string
	for _, q := range judge.Requirements() {
		ids = append(ids, q.ID)
	}
	return Of(tl.Header.Target, "ocf-1.0", []conformance.ScenarioRun{{ID: "one", Requirements: ids, Timeline: tl}})
}

// entry is an Observation of a kind that belongs to the request n.
func entry(kind conformance.Kind, n int) conformance.Observation {
	return conformance.Observation{Kind: kind, For: &n}
}

// TestWhatEndsARequest: an answer, the loss of one, or a note that nobody waits
// for it any more, each where it names the request.
func TestWhatEndsARequest(t *testing.T) {
	request := conformance.Observation{Kind: conformance.Request}
	for name, c := range map[string]struct {
		all  []conformance.Observation
		want int
	}{
		"nothing was asked":           {nil, -1},
		"an answer":                   {[]conformance.Observation{request, entry(conformance.Response, 0)}, -1},
		"a loss":                      {[]conformance.Observation{request, entry(conformance.Lost, 0)}, -1},
		"a note":                      {[]conformance.Observation{request, entry(conformance.Note, 0)}, -1},
		"nothing, to the first entry": {[]conformance.Observation{request}, 0},
		"an answer to nothing":        {[]conformance.Observation{request, {Kind: conformance.Response}}, 0},
		"a message":                   {[]conformance.Observation{request, entry(conformance.Message, 0)}, 0},
		"an answer to another":        {[]conformance.Observation{request, request, entry(conformance.Response, 0)}, 1},
	} {
		if got := unended(conformance.Timeline{Observations: c.all}); got != c.want {
			t.Errorf("%s: request %d has no end, want %d", name, got, c.want)
		}
	}
	hole := "the record has a hole: of request 0 neither an answer nor a loss was recorded"
	if got := flaw(conformance.Timeline{Observations: []conformance.Observation{request}}); got != hole {
		t.Errorf("%q, want %q", got, hole)
	}
}

// TestWhatTheSourceCanSay: only its own reports count, and its counts begin at nothing.
func TestWhatTheSourceCanSay(t *testing.T) {
	report := func(kind conformance.Kind, r *conformance.SourceReport) conformance.Observation {
		return conformance.Observation{Kind: kind, At: 1500 * time.Millisecond, Source: r}
	}
	bad := &conformance.SourceReport{Checks: -1}
	for name, c := range map[string]struct {
		all  []conformance.Observation
		want string
	}{
		"nothing at all":             {[]conformance.Observation{report(conformance.Source, nil)}, ""},
		"in what is no report":       {[]conformance.Observation{report(conformance.Note, bad)}, ""},
		"nothing was asked for":      {[]conformance.Observation{report(conformance.Source, &conformance.SourceReport{})}, ""},
		"less than nothing":          {[]conformance.Observation{report(conformance.Source, bad)}, "the trusted source's report at 1.5s is impossible: checks is -1"},
		"more unanswered than asked": {[]conformance.Observation{report(conformance.Source, &conformance.SourceReport{Checks: 1, Fetches: 1, Unanswered: 3})}, "the trusted source's report at 1.5s is impossible: 3 questions have no answer, of 2"},
		"all unanswered":             {[]conformance.Observation{report(conformance.Source, &conformance.SourceReport{Checks: 1, Fetches: 1, Unanswered: 2})}, ""},
		"less than nothing is held":  {[]conformance.Observation{report(conformance.Source, &conformance.SourceReport{Holding: -1})}, "the trusted source's report at 1.5s is impossible: holding is -1"},
	} {
		if got := flaw(conformance.Timeline{Observations: c.all}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
