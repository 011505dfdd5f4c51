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

// TestWhatAFindingIsAbout: by the Observation that decides, and by what was done before it.
func TestWhatAFindingIsAbout(t *testing.T) {
	const writes = "step Given a check\npost tm=V 2.04\nget tm=V cm=-\n" // 1 and 2, 3 and 4
	for _, c := range []struct {
		name, script     string
		request, witness int
		n, answer        int
		step             string
	}{
		{"the request that the judge names", writes + "post tm=- 2.04", 3, 2, 3, 4, "Given a check"},
		{"the first request of all is named", "step A\npost tm=V 2.04\npost tm=- 2.04", 1, 4, 1, 2, "A"},
		{"a request that is the last entry", "post tm=V 2.04\nstep A\nsend tm=-", 3, 1, 3, -1, "A"},
		{"a request that is no entry", writes, 5, 4, 1, 2, "Given a check"},
		{"the answer to a write decides", writes + "post tm=U 2.04\nsecond: post tm=- 2.04", 0, 6, 5, 6, "Given a check"},
		{"a write that has no answer decides", writes + "post tm=U lost\nsecond: post tm=- 2.04", 0, 6, 5, 6, "Given a check"},
		{"an answer that comes after another write", writes + "send tm=U\nsecond: post tm=- 2.04\nanswer 2.04", 0, 8, 5, 8, "Given a check"},
		{"a write that is lost after another one", writes + "send tm=U\nsecond: post tm=- 2.04\nanswer lost", 0, 8, 5, 8, "Given a check"},
		{"the answer to a GET decides", writes + "get tm=- cm=-", 0, 6, 1, 2, "Given a check"},
		{"a GET after the write decides", writes, 0, 3, 1, 2, "Given a check"},
		{"the write itself decides", writes + "post tm=U 2.04", 0, 5, 5, 6, "Given a check"},
		{"nothing decides", writes + "post tm=U 2.04", 0, -1, 5, 6, "Given a check"},
		{"what is no entry decides", writes, 0, 5, 1, 2, "Given a check"},
		{"the first entry decides", "post tm=V 2.04", 0, 0, 0, 1, ""},
		{"nothing decides, in an empty record", "", 0, -1, -1, -1, ""},
		{"nothing was done", "get tm=- cm=-", 0, 1, -1, -1, ""},
		{"nothing was done before the look back", "step When it waits\nstep Then all is well\npost tm=V 2.04", 0, -1, -1, -1, "When it waits"},
		{"nothing was done before the first step", "step Then all is well\npost tm=V 2.04", 0, -1, -1, -1, ""},
		{"the last thing done before the look back", "post tm=V 2.04\npost tm=U lost\nstep Then all is well\npost tm=- 2.04", 0, -1, 2, 3, ""},
		{"a step that is no look back", "post tm=V 2.04\nstep And Then all is well\npost tm=U 2.04", 0, -1, 3, 4, "And Then all is well"},
		{"a restart", "reboot\nget tm=- cm=-", 0, 3, 0, -1, ""},
		{"a reset, as the first entry", "factory-reset\nget tm=- cm=-", 0, 3, 0, -1, ""},
		{"a restart after a write", "post tm=V 2.04\nreboot\nget tm=- cm=-", 0, 5, 0, 1, ""},
		{"a check of its own after a write", "step A\npost tm=V 2.04\nautonomous-validation\nget tm=- cm=-", 0, 6, 3, -1, "A"},
		{"an update of its own after a write", "step A\npost tm=V 2.04\nautonomous-update\nget tm=- cm=-", 0, 6, 3, -1, "A"},
		{"a write after a check of its own", "step A\nautonomous-validation\npost tm=V 2.04\nget tm=- cm=-", 0, 6, 3, 4, "A"},
		{"a restart that can't be had, after a write", "post tm=V 2.04\nlacks reboot\nget tm=- cm=-", 0, 5, 0, 1, ""},
		{"another condition", "step A\npost tm=V 2.04\nhold\nget tm=- cm=-", 0, 6, 1, 2, "A"},
		{"another condition alone", "step A\nhold\nget tm=- cm=-", 0, 4, -1, -1, ""},
		{"a plan", "step A\nplan action=isac 2.04\nplanned state=idle", 0, 4, 1, 2, "A"},
		{"a plan after a write", "post tm=V 2.04\nplan action=isac 2.04\nplanned state=idle", 0, 5, 0, 1, ""},
		{"a restart after a plan", "plan action=isac 2.04\nreboot\nplanned state=idle", 0, 5, 2, -1, ""},
	} {
		tl := play(t, c.script)
		a := AskedBy(tl, conformance.Finding{Request: c.request, Witness: c.witness})
		if a.N != c.n || a.Answer != c.answer || a.Step != c.step {
			t.Errorf("%s: %+v, want %d, %d and %q", c.name, a, c.n, c.answer, c.step)
		}
	}
}

// TestWhatAnEntryIsNot: words of a step in another entry make no step, and what a hook was
// not asked is no condition.
func TestWhatAnEntryIsNot(t *testing.T) {
	tl := play(t, "step When it waits\npost tm=V 2.04\nreboot\nget tm=- cm=-")
	tl.Observations = append(tl.Observations, conformance.Observation{Kind: conformance.Note, Text: "Then it went on"}, tl.Observations[1])
	if a := AskedBy(tl, conformance.Finding{Witness: -1}); a.N != len(tl.Observations)-1 {
		t.Errorf("a note is taken for the look back: %+v", a)
	}
	tl = play(t, "get tm=- cm=-")
	tl.Observations = append(tl.Observations, conformance.Observation{Kind: conformance.Note, Text: "When it went on"}, conformance.Observation{Kind: conformance.Step, Text: "When it waits"})
	if a := AskedBy(tl, conformance.Finding{Witness: -1}); a.Step != "When it waits" {
		t.Errorf("a note is taken for a step: %+v", a)
	}
	tl = play(t, "autonomous-validation\npost tm=V 2.04\nget tm=- cm=-")
	tl.Observations[0].Outcome = conformance.Unsupported
	tl.Observations = append(tl.Observations, conformance.Observation{Kind: conformance.Condition, Name: conformance.AutonomousUpdate, Outcome: conformance.Failed})
	if a := AskedBy(tl, conformance.Finding{Witness: len(tl.Observations) - 1}); a.N != 2 {
		t.Errorf("a condition that nobody was asked for has the Device begin: %+v", a)
	}
	n := 0
	tl = play(t, "post tm=V lost")
	tl.Observations = append(tl.Observations[:1], conformance.Observation{Kind: conformance.Message, For: &n}, tl.Observations[1])
	if got := AnswerTo(tl, 0); got != 2 {
		t.Errorf("a copy of the request is taken for its answer: %d", got)
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
