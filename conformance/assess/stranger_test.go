package assess

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Another Device that answers in the middle of a run is an error, unless the
// Device was given another identity by what was done with it.
func TestAnotherDeviceAnswers(t *testing.T) {
	const first, then = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
	reads := func(di, between string) conformance.Timeline {
		tl := play(t, "get tm=- cm=- dos=RFNOP\n"+between+"\nanonymous: identity "+di)
		tl.Header.Target.DI = first
		return tl
	}
	for name, c := range map[string]struct {
		before, after conformance.Timeline
		stranger      bool
	}{
		"the same":            {reads(first, ""), reads(first, "post tm=V 2.04"), false},
		"another at once":     {reads(then, ""), reads(then, ""), true},
		"another later":       {reads(first, "post tm=V 2.04"), reads(then, "post tm=V 2.04"), true},
		"the one and another": {reads(first, ""), reads(then, "reboot"), true},
		"after an update":     {reads(first, ""), reads(then, "post tm=U 2.04"), false},
		"after its own one":   {reads(first, ""), reads(then, "get tm=U cm=- dos=RFNOP"), false},
		"after a reset":       {reads(first, "factory-reset"), reads(then, "factory-reset"), false},
		"after a reset by it": {reads(first, ""), reads(then, "get tm=- cm=- dos=RFOTM"), false},
		"after dos was moved": {reads(first, ""), reads(then, "post dos=RESET 2.04"), false},
	} {
		report := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{{ID: "a", Timeline: c.before}, {ID: "b", Timeline: c.after}})
		found := false
		for _, s := range report.Scenarios {
			found = found || s.Verdict == conformance.Error && strings.Contains(s.Reason, "another Device answers: di was "+first)
		}
		if found != c.stranger || found != (report.ExitCode() == 4) {
			t.Errorf("%s: stranger %v, exit code %d, want %v", name, found, report.ExitCode(), c.stranger)
		}
	}
	if got := Known([]conformance.ScenarioRun{{Timeline: reads(first, "")}, {Timeline: play(t, "post tm=U 2.04")}}); got != "" {
		t.Errorf("after an update the Device is known as %s", got)
	}
	owned := reads(first, "post dos=RESET 2.04")
	owned.Observations = append(owned.Observations, conformance.Observation{N: len(owned.Observations), Kind: conformance.Note, Text: "the Device is owned again"})
	if got := Known([]conformance.ScenarioRun{{Timeline: owned}}); got != "" {
		t.Errorf("after it was owned again the Device is known as %s", got)
	}
	if got := Known([]conformance.ScenarioRun{{Timeline: reads(first, "post tm=V 2.04")}}); got != first {
		t.Errorf("the Device is known as %q", got)
	}
}

// A hook that says it restarted the Device, and did not, proves nothing of
// restarts.
func TestARestartThatWasNoneProvesNothing(t *testing.T) {
	const restarted = `begin tm=- cm=- dos=RFNOP
post tm=U 2.04
both 11 tm=U cm=- dos=RFNOP
release
reboot
sleep 1s
get tm=U cm=- dos=RFNOP
%s
sleep 1s
get tm=- cm=U dos=RFNOP
version 1.0.1
`
	if f := judge.All(play(t, strings.Replace(restarted, "%s", "", 1)))["SSU-13"]; f.Verdict != conformance.Pass {
		t.Fatalf("%s: %s", f.Verdict, f.Reason)
	}
	f := judge.All(play(t, strings.Replace(restarted, "%s", "notify 12 tm=- cm=U dos=RFNOP", 1)))["SSU-13"]
	if f.Verdict != conformance.Inconclusive || !strings.Contains(f.Reason, "was not restarted") {
		t.Errorf("%s: %s", f.Verdict, f.Reason)
	}
}
