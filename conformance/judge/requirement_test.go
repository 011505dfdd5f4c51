package judge

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// A requirement says everything that its page, a report and the list of them tell of it.
func TestARequirementIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Every() {
		if seen[r.ID] {
			t.Errorf("%s stands in the catalogue twice", r.ID)
		}
		seen[r.ID] = true
		file := r.file() + ".go"
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), fmt.Sprintf("ID: %q", r.ID)) {
			t.Errorf("%s does not stand in %s: %v", r.ID, file, err)
		}
		if r.Says == "" || r.Edition == "" || r.Verdicts.Pass == "" || r.Verdicts.Fail == "" || r.rule == nil {
			t.Errorf("%s lacks a sentence, an edition, what is pass and fail, or its rule", r.ID)
		}
		if !slices.Contains([]Level{Duty, Should, May, Derived, Definition, Info}, r.Level) {
			t.Errorf("%s: level %q", r.ID, r.Level)
		}
		if r.Actor != Device && r.Actor != Client {
			t.Errorf("%s: actor %q", r.ID, r.Actor)
		}
		if r.Severity != conformance.Fail && r.Severity != conformance.Warn || r.Level == Should && r.Severity != conformance.Warn {
			t.Errorf("%s: a breach of a %s is %s", r.ID, r.Level, r.Severity)
		}
	}
}

// The list of requirements is the one that the files make.
func TestTheCatalogueIsFresh(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "run", "./internal/catalogue", "-check")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", cmd, err, out)
	}
}

// A step that a requirement names is one of the course: a witness is a step of a
// compliant Device, and what breaks it begins and ends in states that there are.
func TestStepsAreOfTheCourse(t *testing.T) {
	for _, r := range Requirements() {
		for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
			a := checkCourse()
			if bit == ocf.SSU {
				a = updateCourse()
			}
			if !r.Course.Of.Has(bit) {
				continue
			}
			for _, step := range r.Course.Witness {
				if !slices.ContainsFunc(a.Edges, func(e Edge) bool { return e.Step == step }) {
					t.Errorf("%s: %v is no step of a compliant %s", r.ID, step, process(bit))
				}
			}
			for _, step := range r.Course.Breach {
				if slices.ContainsFunc(a.Edges, func(e Edge) bool { return e.Step == step }) {
					t.Errorf("%s: a compliant %s takes %v", r.ID, process(bit), step)
				}
				if a.stateNamed(step.From).Name == "" || a.stateNamed(step.To).Name == "" {
					t.Errorf("%s: %v: the %s has no such state", r.ID, step, process(bit))
				}
			}
		}
	}
}

func TestClausesAreQuotedFromTheSeed(t *testing.T) {
	text, err := os.ReadFile("testdata/seed.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for _, r := range Requirements() {
		var cited []string
		for span := range strings.FieldsSeq(r.Lines) {
			from, upto, found := strings.Cut(span, "-")
			if !found {
				upto = from
			}
			a, errA := strconv.Atoi(from)
			b, errB := strconv.Atoi(upto)
			if errA != nil || errB != nil || a < 1 || b < a || b > len(lines) {
				t.Fatalf("%s: lines %q are not lines of the seed", r.ID, r.Lines)
			}
			cited = append(cited, lines[a-1:b]...)
		}
		seed := strings.Join(strings.Fields(strings.Join(cited, " ")), " ")
		if r.Clause == "" || !strings.Contains(seed, r.Clause) {
			t.Errorf("%s: %q does not stand in lines %s of the seed", r.ID, r.Clause, r.Lines)
		}
	}
}

// The requirements that a later edition adds have scripts that they pass, break and
// leave open, judged by that edition.
func TestEveryLaterRequirementHasItsScripts(t *testing.T) {
	seen := map[string]map[conformance.Verdict]bool{}
	for _, tl := range scriptsOf(t, "ocf-2.2/*") {
		for id, f := range All(tl) {
			if seen[id] == nil {
				seen[id] = map[conformance.Verdict]bool{}
			}
			seen[id][f.Verdict] = true
		}
	}
	for _, r := range Every() {
		if r.Edition == OCF10 {
			continue
		}
		if r.Level != Derived {
			t.Errorf("%s is %s: nobody has read its sentence", r.ID, r.Level)
		}
		for _, v := range []conformance.Verdict{conformance.Pass, r.Severity, conformance.Inconclusive} {
			if !seen[r.ID][v] && !(v == conformance.Inconclusive && r.Verdicts.NeverOpen) {
				t.Errorf("%s: no script ends in %s", r.ID, v)
			}
		}
	}
}

// Each requirement has scripts that it passes, breaks and leaves open; those of
// Clients and of autonomous operation are explained in Excluded.
func TestEveryRequirementHasItsScripts(t *testing.T) {
	seen := map[string]map[conformance.Verdict]bool{}
	for _, tl := range scripts(t) {
		for id, f := range All(tl) {
			if seen[id] == nil {
				seen[id] = map[conformance.Verdict]bool{}
			}
			seen[id][f.Verdict] = true
		}
	}
	for _, r := range Requirements() {
		if r.Actor == Client {
			continue
		}
		for _, v := range []conformance.Verdict{conformance.Pass, r.Severity, conformance.Inconclusive} {
			if !seen[r.ID][v] && (v != conformance.Inconclusive || !r.Verdicts.NeverOpen) {
				t.Errorf("%s: no script ends in %s", r.ID, v)
			}
		}
		// without sessions the rules of identity say that they are not applicable
		if !seen[r.ID][conformance.None] && !r.Needs.Target.Has(Identity) {
			t.Errorf("%s: no script says nothing of it", r.ID)
		}
	}
}
