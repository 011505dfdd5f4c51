package exam_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/features"
)

var rewrite = flag.Bool("rewrite", false, "write the matrix in reports/deviants again")

// scenarios are those of the built-in features.
func scenarios(t *testing.T) []steps.Scenario {
	t.Helper()
	catalogue, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	all, err := catalogue.Select("", "")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sitting is an exam that was held, and what was wrong with what its reports say.
type sitting struct {
	exam.Matrix
	looked *looked
}

// whole is the exam of all candidates, held once for all tests. Under the race
// detector it is of one candidate in spared+1.
var whole = sync.OnceValues(func() (sitting, error) {
	catalogue, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		return sitting{}, err
	}
	all, err := exam.Candidates()
	if err != nil {
		return sitting{}, err
	}
	var some []exam.Candidate
	for i, c := range all {
		if i%(spared+1) == 0 {
			some = append(some, c)
		}
	}
	seen := &looked{}
	cfg := exam.Config{Candidates: some, Selection: suite.Selection{Scenarios: catalogue.Scenarios}, Look: seen.look}
	outcomes, err := exam.Run(context.Background(), cfg)
	return sitting{exam.Matrix{Outcomes: outcomes, Scenarios: len(catalogue.Scenarios)}, seen}, err
})

func held(t *testing.T) sitting {
	t.Helper()
	s, err := whole()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestExactlyWhatIsDeclaredTurnsRed checks that every deviant Device turns exactly
// those requirements red that it declares, and every compliant Device none.
func TestExactlyWhatIsDeclaredTurnsRed(t *testing.T) {
	for _, o := range held(t).Outcomes {
		if o.Err != nil {
			t.Errorf("%s %s: %v", o.Kind, o.Name, o.Err)
		}
		if len(o.Missed) > 0 {
			t.Errorf("%s %s: %v did not turn red", o.Kind, o.Name, o.Missed)
		}
		if o.Kind != exam.Deviant && len(o.Open) > 0 {
			t.Errorf("%s %s: %v stayed inconclusive", o.Kind, o.Name, o.Open)
		}
		for _, c := range o.Red {
			for _, id := range o.Undeclared {
				if c.Requirement == id {
					t.Errorf("%s %s: %s turned red and is not declared: %s, in %s: %s", o.Kind, o.Name, id, c.Verdict, c.Finding.Scenario, c.Finding.Reason)
				}
			}
		}
	}
}

// TestEveryRuleIsProven checks that for each requirement there is a deviant that it
// alone catches, or else a reason. A reason is wrong if there is such a deviant
// after all, or if a deviant breaks this requirement and none that the reason names.
func TestEveryRuleIsProven(t *testing.T) {
	m := held(t)
	if spared > 0 {
		if len(m.Outcomes) == 0 {
			t.Error("nothing was tried")
		}
		return // a part of the candidates proves nothing here
	}
	for _, r := range judge.Requirements() {
		if r.Actor == "client" {
			continue
		}
		alone, reason := m.Alone(r.ID), r.NotAlone
		switch {
		case len(alone) == 0 && reason == "":
			t.Errorf("%s alone catches no deviant, and its file gives no reason (NotAlone); it catches %v", r.ID, m.Caught(r.ID))
		case len(alone) > 0 && reason != "":
			t.Errorf("%s alone catches %v: remove its reason from exam.NotAlone", r.ID, alone)
		case len(m.Caught(r.ID)) == 0:
			t.Errorf("%s catches nothing", r.ID)
		}
		if reason != "" {
			for _, name := range breaksNothingOf(m.Matrix, r.ID, reason) {
				t.Errorf("%s breaks %s, but no other requirement that the reason names: %s", name, r.ID, reason)
			}
		}
	}
}

var requirementID = regexp.MustCompile(`[A-Z]+-[0-9]+`)

// breaksNothingOf are the deviants that the requirement catches, but that none of
// the other requirements which the reason names catches.
func breaksNothingOf(m exam.Matrix, id, reason string) []string {
	left := m.Caught(id)
	for _, other := range requirementID.FindAllString(reason, -1) {
		if other != id {
			also := m.Caught(other)
			left = slices.DeleteFunc(left, func(name string) bool { return slices.Contains(also, name) })
		}
	}
	return left
}

// TestAReasonIsHeldToTheDeviants checks that a reason which the deviants do not
// support is noticed.
func TestAReasonIsHeldToTheDeviants(t *testing.T) {
	red := func(name string, ids ...string) exam.Result {
		o := exam.Result{Candidate: exam.Candidate{Kind: exam.Deviant, Name: name}}
		for _, id := range ids {
			o.Red = append(o.Red, exam.Catch{Requirement: id})
		}
		return o
	}
	m := exam.Matrix{Outcomes: []exam.Result{red("both", "SVV-8", "DPM-8"), red("other", "SVV-8", "OBS-2")}}
	if got := breaksNothingOf(m, "SVV-8", "SVV-8 is broken with DPM-8"); !slices.Equal(got, []string{"other"}) {
		t.Errorf("%v", got)
	}
	if got := breaksNothingOf(m, "SVV-8", "SVV-8 is broken with DPM-8 or OBS-2"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// TestTheCommittedMatrixIsOfThisSuite compares the committed matrix with the one that
// was just made.
func TestTheCommittedMatrixIsOfThisSuite(t *testing.T) {
	m := held(t)
	if spared > 0 {
		return // the page is of all candidates
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"matrix.md":     func(b *bytes.Buffer) error { return m.Markdown(b) },
		"deviants.json": func(b *bytes.Buffer) error { return m.JSON(b) },
	} {
		var fresh bytes.Buffer
		if err := write(&fresh); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("../../../../reports/deviants", name)
		if *rewrite {
			if err := os.WriteFile(file, fresh.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(committed, fresh.Bytes()) {
			t.Errorf("%s is out of date: run go test ./cmd/ocfsim/internal/exam -rewrite, and explain the difference in the commit\n%s",
				file, firstDifference(string(committed), fresh.String()))
		}
	}
}

func firstDifference(was, is string) string {
	old, fresh := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(old), len(fresh)) {
		if old[i] != fresh[i] {
			return "- " + old[i] + "\n+ " + fresh[i]
		}
	}
	return "one is longer"
}

// TestTheExamItselfCanFail tries Devices with false declarations.
func TestTheExamItselfCanFail(t *testing.T) {
	deviant, err := exam.Candidates("d07", "success")
	if err != nil {
		t.Fatal(err)
	}
	wrong, innocent := deviant[0], deviant[1]
	wrong.Breaks, wrong.Also = []string{"OBS-1"}, nil
	innocent.Breaks = []string{"SVV-1"}
	out, err := exam.Run(context.Background(), exam.Config{Candidates: []exam.Candidate{wrong, innocent}, Selection: suite.Selection{Scenarios: scenarios(t)}})
	if err != nil {
		t.Fatal(err)
	}
	if o := out[0]; o.Killed() || o.Right() || len(o.Undeclared) == 0 || len(o.Missed) != 1 {
		t.Errorf("a deviant that breaks something else: killed %v, missed %v, undeclared %v", o.Killed(), o.Missed, o.Undeclared)
	}
	if o := out[1]; o.Right() || len(o.Missed) != 1 {
		t.Errorf("a compliant Device that is said to break SVV-1: missed %v", o.Missed)
	}
	if _, err := exam.Run(context.Background(), exam.Config{Selection: suite.Selection{Scenarios: scenarios(t)}}); err == nil {
		t.Error("an exam of nobody passes")
	}
	if _, err := exam.Run(context.Background(), exam.Config{Candidates: deviant}); err == nil {
		t.Error("an exam without scenarios passes")
	}
}
