package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// TestKindOf checks the ranking of verdicts: what is worse, what is a fix, and what
// is merely different.
func TestKindOf(t *testing.T) {
	const (
		none, pass, warn, open, fail = conformance.None, conformance.Pass, conformance.Warn, conformance.Inconclusive, conformance.Fail
		bad, waived, na              = conformance.Error, conformance.Waived, conformance.NotApplicable
	)
	all := []conformance.Verdict{pass, warn, open, waived, na, fail, bad}
	regressions := map[[2]conformance.Verdict]bool{{none, fail}: true, {none, bad}: true, {pass, warn}: true, {fail, bad}: true}
	for _, better := range []conformance.Verdict{pass, warn} {
		for _, worse := range []conformance.Verdict{open, waived, na} {
			regressions[[2]conformance.Verdict{better, worse}] = true
		}
	}
	for _, v := range []conformance.Verdict{pass, warn, open, waived, na} {
		regressions[[2]conformance.Verdict{v, fail}] = true
		regressions[[2]conformance.Verdict{v, bad}] = true
	}
	for _, was := range append(all, none) {
		for _, is := range all {
			if was == is {
				continue
			}
			kept := is == pass || is == warn && was != pass
			want := Changed
			switch {
			case regressions[[2]conformance.Verdict{was, is}]:
				want = Regression
			case was == none:
				want = New
			case kept && was != na:
				want = Fix
			}
			if got := kindOf(was, is); got != want {
				t.Errorf("%q to %q: %s, want %s", was, is, got, want)
			}
		}
	}
}

// reported makes a report from requirements with verdicts, such as "SVV-1=pass".
func reported(words ...string) assess.Report {
	rep := assess.Report{Target: assess.TargetName{Name: "lamp"}, Started: begun(), Edition: "ocf-1.0", Verdict: conformance.Pass}
	for _, w := range words {
		id, v, _ := strings.Cut(w, "=")
		verdict := conformance.Verdict(v)
		rep.Requirements = append(rep.Requirements, assess.RequirementResult{ID: id, Verdict: verdict, Findings: []conformance.Finding{
			{Scenario: "s." + id, Verdict: verdict, Want: "w", Got: "g", Reason: "because of " + v, Witness: -1},
		}})
		rep.Scenarios = append(rep.Scenarios, assess.ScenarioResult{ID: "s." + id, Verdict: verdict, Reason: "because"})
		rep.Verdict = conformance.Worst(rep.Verdict, verdict)
	}
	return rep
}

func TestDifference(t *testing.T) {
	from := reported("SVV-1=pass", "SVV-2=fail", "SVV-5=pass", "SVV-6=inconclusive", "SVV-8=pass")
	to := reported("SVV-1=pass", "SVV-2=pass", "SVV-4=fail", "SVV-6=waived", "SVV-8=fail")
	d := Difference{Targets: []Comparison{Compare(from, to)}}
	var got []string
	for _, c := range d.Targets[0].Changes {
		if c.Of == "requirement" {
			got = append(got, fmt.Sprintf("%s %s", c.ID, c.Kind))
		}
	}
	if want := []string{"SVV-2 fix", "SVV-4 regression", "SVV-6 changed", "SVV-8 regression", "SVV-5 gone"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !d.Regressed() || d.Targets[0].Same != 1 || d.Targets[0].Disjoint() {
		t.Errorf("regressed %v, %d the same", d.Regressed(), d.Targets[0].Same)
	}
	var text, js bytes.Buffer
	if err := d.Text(&text, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"REGRESSION     SVV-8 ", "is         fail in s.SVV-8: because of fail", "FIX            SVV-2 ", "exit 1: something became worse",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
	if err := d.JSON(&js); err != nil {
		t.Fatal(err)
	}
	var back diffFile
	if err := json.Unmarshal(js.Bytes(), &back); err != nil || back.Schema != DiffSchema || back.Counts[Regression] != 4 || back.Same != 1 {
		t.Errorf("%v: %s", err, &js)
	}
	if same := (Difference{Targets: []Comparison{Compare(to, to)}}); same.Regressed() || len(same.Targets[0].Changes) != 0 {
		t.Errorf("a run differs from itself: %+v", same.Targets[0].Changes)
	}
	if !Compare(reported("SVV-1=pass"), reported("SVV-2=pass")).Disjoint() {
		t.Error("what has nothing in common is compared")
	}
}
