package assess

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestAskedBy wants the step, the Client and the moment of the write that a finding is
// about, whatever else was written before and after it.
func TestAskedBy(t *testing.T) {
	const pending = `
		target secured
		source checks=0
		get tm=- cm=V
		step Given a check is pending
		hold
		post tm=V 2.04
		get tm=V cm=V
		source checks=1 holding=1
		get tm=V cm=V
		step When an unprivileged Client (read-only) writes tm as U
		unprivileged read-only: post tm=U 4.01
		get tm=V cm=V
	`
	for _, c := range []struct {
		name, script, requirement string
		step, client, sent        string
	}{
		{
			"a check that was asked for before a stranger wrote", pending, "SVV-4",
			"Given a check is pending", conformance.Privileged, "POST",
		},
		{
			"the first of two writes that a check survives or not", pending[:len(pending)-1] + `
				step When a privileged Client clears tm
				post tm=- 2.04
				get tm=- cm=V
				second: post tm=- 2.04
				get tm=- cm=V
			`, "SVV-13",
			"When a privileged Client clears tm", conformance.Privileged, "POST",
		},
		{
			"a registration, after a write", "get tm=- cm=-\nstep Given a check\npost tm=V 2.04\nget tm=V cm=-\nget tm=- cm=V\nstep When a second Client observes\nsecond: observe 4.05", "OBS-1",
			"When a second Client observes", conformance.Second, "GET",
		},
		{
			"a check that the Device begins by itself", "target autonomous\nupdate-available\nstep When the Device checks by itself\nget tm=- cm=-\nautonomous-validation\nget tm=V cm=-\nget tm=- cm=U", "AUT-1",
			"When the Device checks by itself", "", "",
		},
	} {
		tl := play(t, c.script)
		f := judge.All(tl)[c.requirement]
		if f.Verdict != conformance.Fail && f.Verdict != conformance.Warn {
			t.Errorf("%s: %s is %v", c.name, c.requirement, f)
			continue
		}
		a := AskedBy(tl, f)
		if a.N < 0 || a.Step != c.step || a.Client != c.client {
			t.Errorf("%s: %+v, of %v", c.name, a, f)
			continue
		}
		if o := tl.Observations[a.N]; o.Frame != nil && o.Frame.Code != c.sent || o.Frame == nil && c.sent != "" {
			t.Errorf("%s: asked by %+v", c.name, o)
		}
	}
}

// TestAskedByWithoutAWitness wants the write of the When where nothing decided, and the
// sentence alone where nothing was written.
func TestAskedByWithoutAWitness(t *testing.T) {
	none := conformance.Finding{Witness: -1}
	tl := play(t, "step Given a check\npost tm=V 2.04\nstep When a second Client writes\nsecond: post tm=U 2.04\nstep Then all is well\npost tm=- 2.04")
	if a := AskedBy(tl, none); a.Step != "When a second Client writes" || a.Client != conformance.Second || a.Answer != a.N+1 {
		t.Errorf("%+v", a)
	}
	tl = play(t, "step Given a Device\nget tm=- cm=-\nstep When the Device is read\nget tm=- cm=-")
	if a := AskedBy(tl, none); a.N != -1 || a.Step != "When the Device is read" {
		t.Errorf("%+v", a)
	}
}

// TestTheFirstFindingIsOfTheScenarioWrittenForTheRule wants the findings of tagged
// scenarios before those of others.
func TestTheFirstFindingIsOfTheScenarioWrittenForTheRule(t *testing.T) {
	tl := play(t, "get tm=- cm=-\npost tm=V 4.00\nget tm=- cm=-")
	run := func(id string, tags ...string) conformance.ScenarioRun {
		return conformance.ScenarioRun{ID: id, Requirements: tags, Timeline: tl}
	}
	rep := Of(defaults, "ocf-1.0", []conformance.ScenarioRun{run("other", "SVV-6"), run("its-own", "SVV-1"), run("also", "SVV-1")})
	for _, q := range rep.Requirements {
		if q.ID != "SVV-1" {
			continue
		}
		if len(q.Findings) != 3 || q.Findings[0].Scenario != "its-own" || q.Findings[1].Scenario != "also" || q.Findings[2].Scenario != "other" {
			t.Errorf("%+v", q.Findings)
		}
		return
	}
	t.Error("no SVV-1")
}
