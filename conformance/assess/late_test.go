package assess

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// delayed is run with its first answer later by d, and all that follows.
func delayed(run conformance.ScenarioRun, d time.Duration) conformance.ScenarioRun {
	all := slices.Clone(run.Timeline.Observations)
	from := slices.IndexFunc(all, func(o conformance.Observation) bool { return o.Kind == conformance.Response })
	for i := from; i < len(all); i++ {
		all[i].At += d
	}
	run.Timeline.Observations = all
	return run
}

// TestLateAttempts judges attempts at a scenario of which some left open whether the check
// was pending, since it had ended before anybody looked. Where an answer came late, such an
// attempt gives way to a later one that passed. Nothing else does.
func TestLateAttempts(t *testing.T) {
	const id = "DPM-8"
	good := ran(t, "check", goodCheck, id, "OBS-3")
	open := ran(t, "check", "update-available\nbegin tm=- cm=- dos=RFNOP\npost tm=V 2.04\nsource checks=1\nboth 13 tm=- cm=V dos=RFNOP\nend tm=- cm=V dos=RFNOP\n", id)
	mute := ran(t, "check", strings.Replace(goodCheck, "both 13 tm=-", "get tm=-", 1), id, "OBS-3")
	wrong := ran(t, "check", strings.Replace(goodCheck, "both 13 tm=- cm=V dos=RFNOP", "both 12 tm=- cm=V dos=RFNOP mid=900", 1), id, "OBS-3")
	untestable := open
	untestable.NotTestable = "not testable: the Device does not come to rest"
	refused := ran(t, "check", "begin tm=- cm=- dos=RFNOP\n", id)
	refused.NotTestable = "not testable: the Device refuses the privileged Client a session"
	refused.Timeline.Observations = append(refused.Timeline.Observations, conformance.Observation{Kind: conformance.Session, Client: conformance.Privileged, Outcome: conformance.Refused})
	settle := open.Timeline.Header.Target.Timing.Settle
	late := delayed(open, settle)
	moved := delayed(ran(t, "check", "target autonomous\nbegin tm=- cm=V dos=RFNOP\npost tm=0x1 2.04\nsleep 3s\nget tm=- cm=- dos=RFNOP\nend tm=- cm=- dos=RFNOP\n", "DPM-14"), 4*time.Second)
	for _, c := range []struct {
		name    string
		runs    []conformance.ScenarioRun
		verdict conformance.Verdict
		late    bool
	}{
		{"in time", []conformance.ScenarioRun{open}, conformance.Inconclusive, false},
		{"late", []conformance.ScenarioRun{late}, conformance.Inconclusive, true},
		{"late, and passes", []conformance.ScenarioRun{delayed(good, settle)}, conformance.Pass, false},
		{"late, then good", []conformance.ScenarioRun{late, good}, conformance.Pass, false},
		{"late twice, then good", []conformance.ScenarioRun{late, late, good}, conformance.Pass, false},
		{"late each time", []conformance.ScenarioRun{late, late, late}, conformance.Inconclusive, true},
		{"could not be tested for it, then good", []conformance.ScenarioRun{delayed(untestable, settle), good}, conformance.Pass, false},
		{"no session", []conformance.ScenarioRun{refused}, conformance.Inconclusive, true},
		{"no session, then good", []conformance.ScenarioRun{refused, good}, conformance.Pass, false},
		{"in time, then good", []conformance.ScenarioRun{open, good}, conformance.Inconclusive, false},
		{"good, then late", []conformance.ScenarioRun{good, late}, conformance.Inconclusive, true},
		{"late, then a breach", []conformance.ScenarioRun{late, wrong}, conformance.Fail, false},
		{"a breach that is late, then good", []conformance.ScenarioRun{delayed(wrong, settle), good}, conformance.Fail, false},
		{"a change that is late, and perhaps the Device's own, then good", []conformance.ScenarioRun{moved, good}, conformance.Inconclusive, false},
		{"a silence that is late, then good", []conformance.ScenarioRun{delayed(mute, settle), good}, conformance.Inconclusive, false},
	} {
		r := Run{Edition: "ocf-1.0", Target: conformance.Profile{Supports: conformance.Supports{Validation: true}}, Scenarios: c.runs}
		report := r.Assess()
		row := report.Scenarios[0]
		if row.Verdict != c.verdict || row.Flaky && c.verdict == conformance.Pass {
			t.Errorf("%s: %s, flaky %v, want %s: %s", c.name, row.Verdict, row.Flaky, c.verdict, row.Reason)
		}
		if of := rowOf(t, report, id).Verdict; of != c.verdict && c.verdict == conformance.Pass {
			t.Errorf("%s: %s %s, want %s", c.name, id, of, c.verdict)
		}
		if n := len(c.runs); n > 1 && (len(row.Attempts) != n || c.verdict == conformance.Pass && (row.Attempt != n || row.Timeline != good.File)) {
			t.Errorf("%s: attempt %d of %d decides", c.name, row.Attempt, len(row.Attempts))
		}
		if got := r.Rows()[0]; got.Verdict != row.Verdict || got.Reason != row.Reason {
			t.Errorf("%s: its row alone is %s: %s", c.name, got.Verdict, got.Reason)
		}
		if got := r.Late(); got != c.late {
			t.Errorf("%s: late %v, want %v", c.name, got, c.late)
		}
	}
}
