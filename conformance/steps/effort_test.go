package steps

import (
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestEffortIsWhatScenariosCost runs every scenario against a Device that does all it
// is asked for, and counts what it was asked: the sentences must tell no less of it,
// nor much more.
func TestEffortIsWhatScenariosCost(t *testing.T) {
	all, err := load(t).Select("", "")
	if err != nil {
		t.Fatal(err)
	}
	var told, cost Effort
	synctest.Test(t, func(t *testing.T) {
		for _, s := range all {
			runs, err := Run(t.Context(), Config{Scenarios: []Scenario{s}, Target: newLamp()})
			if err != nil {
				t.Fatal(err)
			}
			if runs[0].Skipped != "" || runs[0].NotTestable != "" {
				continue
			}
			told = told.Plus(EffortOf(s))
			cost = cost.Plus(spent(runs[0].Timeline))
		}
	})
	for _, c := range []struct {
		of         string
		told, cost int
	}{{"checks", told.Checks, cost.Checks}, {"updates", told.Updates, cost.Updates}, {"restarts", told.Restarts, cost.Restarts}} {
		if c.cost == 0 || c.told < c.cost*9/10 || c.told > c.cost*11/10 {
			t.Errorf("%d %s by the sentences, %d were asked for", c.told, c.of, c.cost)
		}
	}
}

// spent counts what a Timeline asked for: by writes of privileged Clients, and by
// conditions.
func spent(tl conformance.Timeline) Effort {
	var e Effort
	for _, o := range tl.Observations {
		switch {
		case o.Kind == conformance.Condition && o.Outcome == conformance.Done:
			switch o.Name {
			case conformance.AutonomousValidation:
				e.Checks++
			case conformance.AutonomousUpdate:
				e.Updates++
			case conformance.Reboot:
				e.Restarts++
			}
		case o.Kind == conformance.Request && o.Frame.Code == "POST" && conformance.MayWrite(o.Client):
			u, err := ocf.DecodePstatUpdate(o.Frame.Payload)
			if err != nil || !u.Set.Has(ocf.PropTM) {
				continue
			}
			if u.TM.Has(ocf.SVV) {
				e.Checks++
			}
			if u.TM.Has(ocf.SSU) {
				e.Updates++
			}
		}
	}
	return e
}
