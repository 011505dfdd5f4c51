package assess

import (
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// hides8 is a waiver of SVV-8, at "h", where a breach of SVV-10 hides it.
func hides8(scenario string) *waiving {
	return &waiving{Waiver: Waiver{Requirement: "SVV-8", UndecidedBy: "SVV-10", Scenario: scenario, At: "h"}}
}

// itself is a waiver of SVV-8, at "h", that so many breaches were waived by, and that covers what may be
// another one.
func itself(n int) *waiving {
	w := hides8("")
	w.UndecidedBy, w.breaches = w.Requirement, n
	return w
}

// wasBroken is a waiver of SVV-10 that so many breaches were waived by.
func wasBroken(n int) *waiving {
	return &waiving{Waiver: Waiver{Requirement: "SVV-10", At: "b"}, breaches: n, waived: n}
}

// TestWhatAWaiverHides: what can't be concluded is hidden by a breach that was waived, and
// only while the waiver holds.
func TestWhatAWaiverHides(t *testing.T) {
	other := wasBroken(1)
	other.Requirement = "SVV-6"
	expired := hides8("")
	expired.expired = true
	for name, c := range map[string]struct {
		w    *waiving
		all  []*waiving
		want bool
	}{
		"a breach was waived":       {hides8(""), []*waiving{wasBroken(1)}, true},
		"behind another waiver":     {hides8(""), []*waiving{other, wasBroken(1)}, true},
		"there was no breach":       {hides8(""), []*waiving{wasBroken(0)}, false},
		"of another requirement":    {hides8(""), []*waiving{other}, false},
		"the waiver holds no more":  {expired, []*waiving{wasBroken(1)}, false},
		"the waiver hides nothing":  {&waiving{Waiver: Waiver{Requirement: "SVV-8"}}, []*waiving{wasBroken(1)}, false},
		"nothing else is waived":    {hides8(""), []*waiving{hides8("")}, false},
		"two breaches were, indeed": {hides8(""), []*waiving{wasBroken(2)}, true},
	} {
		if got := c.w.hidden(c.all); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestABreachCountsForEachOfItsWaivers, so that each may be what hides something else.
func TestABreachCountsForEachOfItsWaivers(t *testing.T) {
	first, second := wasBroken(0), wasBroken(0)
	all := []*waiving{first, second}
	waive(all, "s", map[string]conformance.Finding{"SVV-10": {Verdict: conformance.Fail}})
	waive(all, "t", map[string]conformance.Finding{"SVV-8": {Verdict: conformance.Fail}})
	if first.breaches != 1 || second.breaches != 1 || first.waived != 1 || second.waived != 1 {
		t.Errorf("%+v and %+v", first, second)
	}
}

// TestWhatIsUndecided: a requirement is waived in a scenario that speaks of it, where it is
// inconclusive, or where the Device died before it could be seen.
func TestWhatIsUndecided(t *testing.T) {
	died := lived(defaults, exchanged{"GET", "", ""}, exchanged{"POST", "\x82", conformance.PortCloses}, exchanged{"GET", "", "no answer"})
	open := map[string]conformance.Finding{"SVV-8": {Verdict: conformance.Inconclusive, Reason: "open", Witness: 7}}
	for name, c := range map[string]struct {
		w      *waiving
		breach *waiving
		judged map[string]conformance.Finding
		id     string
		tags   []string
		dead   bool
		want   bool
	}{
		"it is inconclusive":          {hides8(""), wasBroken(1), open, "s", []string{"SVV-1", "SVV-8"}, false, true},
		"in the scenario":             {hides8("s"), wasBroken(1), open, "s", []string{"SVV-8"}, false, true},
		"in another scenario":         {hides8("t"), wasBroken(1), open, "s", []string{"SVV-8"}, false, false},
		"nothing speaks of it":        {hides8(""), wasBroken(1), open, "s", []string{"SVV-1"}, false, false},
		"it shows elsewhere":          {itself(1), wasBroken(0), open, "s", []string{"SVV-1"}, false, true},
		"it shows nowhere":            {itself(0), wasBroken(0), open, "s", []string{"SVV-8"}, false, false},
		"nothing hides it":            {hides8(""), wasBroken(0), open, "s", []string{"SVV-8"}, false, false},
		"it passed":                   {hides8(""), wasBroken(1), map[string]conformance.Finding{"SVV-8": {Verdict: conformance.Pass}}, "s", []string{"SVV-8"}, false, false},
		"it passed, and then it died": {hides8(""), wasBroken(1), map[string]conformance.Finding{"SVV-8": {Verdict: conformance.Pass}}, "s", []string{"SVV-8"}, true, false},
		"it was not seen":             {hides8(""), wasBroken(1), map[string]conformance.Finding{}, "s", []string{"SVV-8"}, false, false},
		"the Device died":             {hides8(""), wasBroken(1), map[string]conformance.Finding{}, "s", []string{"SVV-8"}, true, true},
		"it died of something else":   {hides8(""), wasBroken(0), map[string]conformance.Finding{}, "s", []string{"SVV-8"}, true, false},
	} {
		run := conformance.ScenarioRun{ID: c.id, Requirements: c.tags}
		if c.dead {
			run.Timeline = died.Timeline
		}
		judged := map[string]conformance.Finding{}
		for id, f := range c.judged {
			judged[id] = f
		}
		before := judged["SVV-8"]
		undecided([]*waiving{c.breach, c.w}, run, judged)
		f, want := judged["SVV-8"], before
		if c.want {
			want = conformance.Finding{Verdict: conformance.Waived, Waived: conformance.Inconclusive, Waiver: "h", Reason: before.Reason, Witness: before.Witness}
			if c.dead {
				want.Reason, want.Witness = "the Device died before anything else could be seen", -1
			}
		}
		if f != want || (c.w.waived == 1) != c.want || c.w.waived > 1 {
			t.Errorf("%s: %+v, want %+v; the waiver was used %d times", name, f, want, c.w.waived)
		}
	}
}

// TestARowThatIsHidden: a requirement of which nothing at all could be concluded is waived
// by a waiver that names no scenario.
func TestARowThatIsHidden(t *testing.T) {
	of := func(verdicts ...conformance.Verdict) (all []conformance.Finding) {
		for _, v := range verdicts {
			all = append(all, conformance.Finding{Verdict: v})
		}
		return all
	}
	for name, c := range map[string]struct {
		row  RequirementResult
		w    *waiving
		n    int // breaches of what hides it
		want bool
	}{
		"nothing was found":              {RequirementResult{ID: "SVV-8", Verdict: conformance.Inconclusive}, hides8(""), 1, true},
		"something says why it is open":  {RequirementResult{ID: "SVV-8", Verdict: conformance.Inconclusive, Findings: of(conformance.Pass, conformance.Inconclusive)}, hides8(""), 1, false},
		"something else was found":       {RequirementResult{ID: "SVV-8", Verdict: conformance.Inconclusive, Findings: of(conformance.NotApplicable)}, hides8(""), 1, true},
		"it passed":                      {RequirementResult{ID: "SVV-8", Verdict: conformance.Pass}, hides8(""), 1, false},
		"it is another requirement":      {RequirementResult{ID: "SVV-7", Verdict: conformance.Inconclusive}, hides8(""), 1, false},
		"the waiver is of a scenario":    {RequirementResult{ID: "SVV-8", Verdict: conformance.Inconclusive}, hides8("s"), 1, false},
		"what hides it was not breached": {RequirementResult{ID: "SVV-8", Verdict: conformance.Inconclusive}, hides8(""), 0, false},
	} {
		was := c.row.Verdict
		hides([]*waiving{wasBroken(c.n), c.w}, &c.row)
		want, used := was, 0
		if c.want {
			want, used = conformance.Waived, 1
		}
		if c.row.Verdict != want || c.w.waived != used {
			t.Errorf("%s: %s, want %s; the waiver was used %d times", name, c.row.Verdict, want, c.w.waived)
		}
	}
}

// TestAWaitThatABreachLeftWithoutAnEnd is waived where a waiver says that a breach hides
// what was waited for: one of the requirement, or one of the scenario.
func TestAWaitThatABreachLeftWithoutAnEnd(t *testing.T) {
	hiddenBy := func(at string) conformance.Finding {
		return conformance.Finding{Verdict: conformance.Waived, Waived: conformance.Inconclusive, Waiver: at}
	}
	waived := conformance.Finding{Verdict: conformance.Waived, Waived: conformance.Fail, Waiver: "a"}
	expired, twin, named := hides8("s"), hides8("s"), &waiving{Waiver: Waiver{Requirement: "SVV-8", Scenario: "s", At: "n"}}
	expired.expired = true
	twin.At = "second"
	const pass, fail, open = conformance.Pass, conformance.Fail, conformance.Inconclusive
	for name, c := range map[string]struct {
		judged map[string]conformance.Finding
		all    []*waiving
		checks []conformance.Verdict
		want   []string // the waiver of each check
		used   int      // the waiver that comes last
	}{
		"a requirement is hidden":            {map[string]conformance.Finding{"SVV-8": hiddenBy("a")}, nil, []conformance.Verdict{pass, open}, []string{"", "a"}, 0},
		"two are, and the first is told":     {map[string]conformance.Finding{"SVV-8": hiddenBy("b"), "SVV-6": hiddenBy("a")}, nil, []conformance.Verdict{open}, []string{"a"}, 0},
		"it is hidden in the scenario":       {nil, []*waiving{wasBroken(1), hides8("s")}, []conformance.Verdict{open, pass}, []string{"h", ""}, 1},
		"nothing was breached":               {nil, []*waiving{wasBroken(0), hides8("s")}, []conformance.Verdict{open}, []string{""}, 0},
		"it is hidden in another one":        {nil, []*waiving{wasBroken(1), hides8("t")}, []conformance.Verdict{open}, []string{""}, 0},
		"no scenario is named":               {nil, []*waiving{wasBroken(1), hides8("")}, []conformance.Verdict{open}, []string{""}, 0},
		"nobody says that it is hidden":      {nil, []*waiving{wasBroken(1), named}, []conformance.Verdict{pass, open}, []string{"", ""}, 0},
		"the waiver holds no more":           {nil, []*waiving{wasBroken(1), expired}, []conformance.Verdict{open}, []string{""}, 0},
		"it is hidden twice":                 {nil, []*waiving{wasBroken(1), hides8("s"), twin}, []conformance.Verdict{open}, []string{"h"}, 0},
		"the requirement is, and it is, too": {map[string]conformance.Finding{"SVV-8": hiddenBy("a")}, []*waiving{wasBroken(1), hides8("s")}, []conformance.Verdict{open}, []string{"a"}, 0},
		"nothing is open":                    {map[string]conformance.Finding{"SVV-8": hiddenBy("a")}, []*waiving{wasBroken(1), hides8("s")}, []conformance.Verdict{pass}, []string{""}, 0},
		"beside a breach that is waived":     {map[string]conformance.Finding{"SVV-1": waived}, []*waiving{wasBroken(1), hides8("t")}, []conformance.Verdict{fail, open}, []string{"a", "a"}, 0},
		"a breach that hides nothing":        {map[string]conformance.Finding{"SVV-1": waived}, []*waiving{wasBroken(0), hides8("t")}, []conformance.Verdict{fail, open}, []string{"a", ""}, 0},
		"a breach, and no waiver at work":    {map[string]conformance.Finding{"SVV-1": waived}, nil, []conformance.Verdict{open}, []string{""}, 0},
		"hidden, and a check has failed":     {map[string]conformance.Finding{"SVV-8": hiddenBy("a")}, nil, []conformance.Verdict{fail, open}, []string{"", "a"}, 0},
		"no breach, in another scenario":     {nil, []*waiving{wasBroken(1), hides8("t")}, []conformance.Verdict{fail, open}, []string{"", ""}, 0},
	} {
		var checks []conformance.Finding
		for _, v := range c.checks {
			checks = append(checks, conformance.Finding{Verdict: v})
		}
		excuse(c.all, "s", c.judged, checks)
		var got []string
		for i, f := range checks {
			got = append(got, f.Waiver)
			if f.Waiver != "" && (f.Verdict != conformance.Waived || f.Waived != c.checks[i]) || f.Waiver == "" && f.Verdict != c.checks[i] {
				t.Errorf("%s: check %d is %+v, and was %s", name, i, f, c.checks[i])
			}
		}
		used := 0
		if len(c.all) > 0 {
			used = c.all[len(c.all)-1].waived
		}
		if !slices.Equal(got, c.want) || used != c.used {
			t.Errorf("%s: waived by %q, want %q; the last waiver was used %d times, want %d", name, got, c.want, used, c.used)
		}
	}
	if named.passed != 0 {
		t.Error("a scenario that waits without an end passed")
	}
}

// TestAWaiverOfWhatIsNeverSeen: in a whole run the requirement is waived that nothing could
// be concluded of, for a breach that was waived.
func TestAWaiverOfWhatIsNeverSeen(t *testing.T) {
	shown := ran(t, "shown", "observe tm=- cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP\npost tm=V 2.04\nget tm=V cm=- dos=RFNOP lacks=om\n")
	lamp := conformance.Profile{Name: "lamp", Supports: conformance.Supports{Validation: true}, Timing: defaults.Timing}
	hidden := waiverFor("SVV-12")
	hidden.UndecidedBy, hidden.At = "DPM-13", "w.yaml:9:3"
	r := Run{Edition: "ocf-1.0", Target: lamp, Scenarios: []conformance.ScenarioRun{shown}, Waivers: []Waiver{waiverFor("DPM-13"), hidden}}.Assess()
	if row := rowOf(t, r, "SVV-12"); row.Verdict != conformance.Waived || r.Waivers[1].State != WaiverUsed {
		t.Errorf("%s (%s), the waivers are %+v", row.Verdict, row.Reason, r.Waivers)
	}
}
