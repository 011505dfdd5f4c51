package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestFromOneScenarioToTheNext wants a report to blame a scenario for what it left
// behind, and an update for what became of it after its scenario.
func TestFromOneScenarioToTheNext(t *testing.T) {
	const (
		update = "version 1.0.0\nget tm=- cm=V dos=RFNOP\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP\nget tm=- cm=U dos=RFNOP\nsleep 1s\nget tm=- cm=U dos=RFNOP\nversion 1.0.1\n"
		breaks = "get tm=- cm=U dos=RFNOP\nversion 1.0.0\npost dos=RFPRO 2.04\nget tm=- cm=U dos=RFPRO isop=true\n"
		finds  = "get tm=- cm=U dos=RFPRO isop=true\n"
	)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	runs := []conformance.ScenarioRun{ran(t, "update", update, "SSU-5"), {ID: "skipped", Skipped: "pics"}, ran(t, "breaks", breaks, "DOS-4"), ran(t, "finds", finds, "DOS-4")}
	for i := range runs {
		runs[i].Timeline.Header.Scenario = runs[i].ID
		runs[i].Timeline.Header.Started = at.Add(time.Duration(i) * time.Minute)
	}
	target := conformance.Profile{Name: "lamp", Supports: conformance.Supports{Validation: true, Update: true}}
	r := Of(target, "ocf-1.0", runs)
	f := rowOf(t, r, "SSU-5").Findings[0]
	if f.Verdict != conformance.Fail || f.Scenario != "update" || f.Next != "breaks" || f.AtS == 0 || !strings.Contains(f.Reason, "in scenario breaks") {
		t.Errorf("SSU-5: %+v", f)
	}
	for _, f := range rowOf(t, r, "DOS-4").Findings {
		want := map[string]conformance.Verdict{"update": conformance.Pass, "breaks": conformance.Fail, "finds": conformance.Inconclusive}[f.Scenario]
		if f.Verdict != want || f.Scenario == "finds" && !strings.Contains(f.Reason, "scenario breaks left it so") {
			t.Errorf("DOS-4 of %s: %s, want %s: %s", f.Scenario, f.Verdict, want, f.Reason)
		}
	}
}
