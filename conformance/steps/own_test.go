package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

// own are sentences as a vendor might add them.
func own() []Definition {
	return []Definition{
		{Word: Given, Text: `the lamp has been asked by the (second) Client`, Do: func(ctx context.Context, t *Trial, use Use) error {
			if _, err := t.Observe(ctx, use.Args[0]); err != nil {
				return err
			}
			return t.Cancel(ctx, use.Args[0])
		}},
		{Word: When, Text: `its owner reads (\S+) and then wants a check`, Do: func(ctx context.Context, t *Trial, use Use) error {
			o, err := t.Get(ctx, conformance.Privileged, use.Args[0])
			if err != nil {
				return err
			}
			t.Note("it answers %s", o.Frame.Code)
			if err := t.Condition(ctx, conformance.Hold); err != nil {
				return err
			}
			if _, err := t.Request(ctx, conformance.Privileged, ocf.SVV); err != nil {
				return err
			}
			seen, err := t.Await(ctx, "tm.V to be seen", t.Profile().Timing.Settle, func(tl conformance.Timeline) bool {
				return slices.ContainsFunc(tl.Samples(), func(s conformance.Sample) bool { return s.Pstat.TM.Has(ocf.SVV) })
			})
			if err == nil && !seen {
				return NotTestable("the lamp never showed tm.V")
			}
			if err == nil {
				err = t.Condition(ctx, conformance.Release)
			}
			if err == nil {
				_, err = t.Rest(ctx)
			}
			return err
		}},
		{Word: When, Text: `nothing happens`, Do: func(context.Context, *Trial, Use) error { return nil }},
		{Word: When, Text: `the bench is on fire`, Do: func(context.Context, *Trial, Use) error { return errors.New("no bench") }},
		{Word: When, Text: `the bench is shut`, Do: func(context.Context, *Trial, Use) error { return NotTestable("it is %s", "night") }},
		{Word: Then, Text: `its owner is told of`, Table: true, Expect: func(c *Claims, use Use) error {
			rows, err := use.Rows()
			if err != nil {
				return err
			}
			return c.Expect(conformance.InOrder, conformance.Privileged, rows...)
		}},
		{Word: Then, Text: `it shows again what it showed`, Expect: func(c *Claims, _ Use) error {
			p, ok := c.Before(conformance.Privileged)
			if !ok {
				return NotTestable("it showed nothing")
			}
			return c.Expect(conformance.EndsWith, conformance.Privileged, conformance.Row{TM: p.TM.String()})
		}},
		{Word: Then, Text: `all is well`, Expect: func(*Claims, Use) error { return nil }},
	}
}

// playOwn runs a scenario of own sentences against a lamp.
func playOwn(t *testing.T, steps string) conformance.ScenarioRun {
	t.Helper()
	text := "Feature: own\n  Scenario: one\n    Given a Device in RFNOP that has an update\n" + steps
	cat, err := Load(fstest.MapFS{"own.feature": {Data: []byte(text)}}, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	var runs []conformance.ScenarioRun
	synctest.Test(t, func(t *testing.T) {
		runs, err = Run(t.Context(), Config{Scenarios: cat.Scenarios, Target: newLamp(), Sentences: own()})
	})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	return runs[0]
}

// Own sentences drive a Device and write down what is expected of it, next to
// those of this package.
func TestOwnSentences(t *testing.T) {
	run := playOwn(t, `
    And the lamp has been asked by the second Client
    When its owner reads /oic/d and then wants a check
    Then its owner is told of
      | tm | cm |
      | V  | *  |
      | -  | V  |
    And it shows again what it showed
`)
	if run.Err+run.NotTestable != "" {
		t.Fatal(run.Err, run.NotTestable)
	}
	if n := len(run.Timeline.Expectations); n != 2 {
		t.Errorf("%d expectations", n)
	}
	found := judge.Scenario(run.Timeline, judge.Known{}).Expectations
	for n, e := range run.Timeline.Expectations {
		if f := found[n]; f.Verdict != conformance.Pass {
			t.Errorf("%s: %s, %s", e.Text, f.Verdict, f.Reason)
		}
		if e.From == 0 {
			t.Errorf("%s: it looks at what was before the When", e.Text)
		}
	}
	if !slices.ContainsFunc(run.Timeline.Observations, func(o conformance.Observation) bool { return o.Text == "it answers 2.05" }) {
		t.Error("the note is missing")
	}
}

func TestOwnSentencesThatDoNotSucceed(t *testing.T) {
	for name, c := range map[string]struct{ steps, err, untestable string }{
		"an error":              {"    When the bench is on fire\n    Then it shows again what it showed\n", "no bench", ""},
		"not testable":          {"    When the bench is shut\n    Then it shows again what it showed\n", "", "not testable: it is night"},
		"a Then of nothing":     {"    When nothing happens\n    Then all is well\n", "all is well: the sentence expects nothing", ""},
		"a table that is wrong": {"    When nothing happens\n    Then its owner is told of\n      | colour |\n      | red |\n", `unknown column "colour"`, ""},
		"undefined":             {"    When the lamp sings\n    Then it shows again what it showed\n", "undefined step", ""},
	} {
		run := playOwn(t, c.steps)
		if !strings.Contains(run.Err, c.err) || (run.Err == "") != (c.err == "") || run.NotTestable != c.untestable {
			t.Errorf("%s: %q, %q", name, run.Err, run.NotTestable)
		}
	}
}

// A write of pstat by an own sentence is known to the conclusion of the scenario,
// whoever sends it: the process is waited for.
func TestWritesOfOwnSentencesAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &run{cfg: Config{Target: newLamp()}, memory: &memory{}}
		in := newTrial(r, r.cfg.Target.Profile(), conformance.NewRecorder(conformance.Header{}, nil))
		trial := &Trial{in}
		move := ocf.PstatUpdate{Set: ocf.PropDOS | ocf.PropTM, DOS: ocf.RFPRO, TM: ocf.SSU}.AppendCBOR(nil)
		for _, client := range []string{conformance.Second, conformance.WrongRole} {
			o, err := trial.Post(t.Context(), client, ocf.PathPstat, move)
			if err != nil || o.Kind != conformance.Response || o.Client != client {
				t.Errorf("%s: %+v, %v", client, o, err)
			}
		}
		if in.asked != ocf.SSU || !in.anyRest || in.wrote == 0 {
			t.Errorf("asked for %v, rests anywhere %v, wrote at %d", in.asked, in.anyRest, in.wrote)
		}
		if err := in.teardown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestDefinitionsThatAreRefused(t *testing.T) {
	do := func(context.Context, *Trial, Use) error { return nil }
	expect := func(*Claims, Use) error { return nil }
	for want, d := range map[string]Definition{
		"missing closing )":               {Word: When, Text: "a (b", Do: do},
		"4 groups, expected at most 3":    {Word: When, Text: "(a)(b)(c)(d)", Do: do},
		"2 groups before a table":         {Word: Then, Text: "(a)(b)", Table: true, Expect: expect},
		"a Given has Do, and no Expect":   {Word: Given, Text: "a", Expect: expect},
		"a When has Do, and no Expect":    {Word: When, Text: "a", Do: do, Expect: expect},
		"a Then has Expect, and no Do":    {Word: Then, Text: "a", Do: do},
		`unknown word "And"`:              {Word: "And", Text: "a", Do: do},
		`"When pstat is read" is defined`: {Word: When, Text: "pstat is read", Do: do},
	} {
		if _, err := NewRunner(Config{Sentences: []Definition{d}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %s", d, err, want)
		}
		if _, err := Run(t.Context(), Config{Target: newLamp(), Scenarios: make([]Scenario, 1), Sentences: []Definition{d}}); err == nil {
			t.Errorf("Run takes %+v", d)
		}
	}
}

func TestCataloguesTogether(t *testing.T) {
	cat := load(t)
	few, err := Load(fstest.MapFS{"own.feature": {Data: []byte("Feature: own\n  @S1\n  Scenario: one\n    Given a\n    When b\n    Then c\n")}}, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	both, err := cat.And(few)
	if err != nil || len(both.Scenarios) != len(cat.Scenarios)+1 {
		t.Errorf("%d scenarios, %v", len(both.Scenarios), err)
	}
	if _, err := both.And(few); err == nil || !strings.Contains(err.Error(), "own.one") {
		t.Errorf("two equal ids: %v", err)
	}
}
