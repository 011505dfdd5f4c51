package client

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestScripts: what each rule concludes from scripts that pass between a Client and a
// Device (player says what stands in them).
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, file string) {
		seen := map[conformance.Verdict]bool{}
		rule, _, _ := strings.Cut(filepath.Base(file), ".")
		id := strings.ToUpper(strings.ReplaceAll(rule, "_", "-"))
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			target := conformance.Profile{Client: true, Secured: d.HasArg("secured")}
			target.Policy.Strict = d.HasArg("strict")
			f, ok := All(play(t, d.Input, target))[id]
			if !ok {
				t.Fatalf("no rule %s", id)
			}
			seen[f.Verdict] = true
			if f.Verdict == conformance.None {
				return "nothing\n"
			}
			return fmt.Sprintf("%s %d %s\n", f.Verdict, f.Witness, f.Reason)
		})
		i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.ID == id })
		for _, v := range []conformance.Verdict{conformance.Pass, Rules()[i].Severity, conformance.None} {
			if !seen[v] {
				t.Errorf("no script of %s is %q", id, v)
			}
		}
	})
}

// Every rule has its scripts, and says all that a reader has to know.
func TestEveryRuleIsComplete(t *testing.T) {
	for _, r := range Rules() {
		file := filepath.Join("testdata", strings.ToLower(strings.ReplaceAll(r.ID, "-", "_"))+".txt")
		if found, _ := filepath.Glob(file); found == nil {
			t.Errorf("%s: no scripts in %s", r.ID, file)
		}
		for what, text := range map[string]string{"says": r.Says, "clause": r.Clause, "source": r.Source, "pass": r.Pass, "fail": r.Fail} {
			if text == "" {
				t.Errorf("%s: no %s", r.ID, what)
			}
		}
	}
}
