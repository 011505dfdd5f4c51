package client

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestScripts: what each rule concludes from scripts that pass between a Client and a
// Device (player says what stands in them).
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, file string) {
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
				if f.Witness != -1 {
					t.Errorf("%s: entry %d, though nothing is concluded", d.Pos, f.Witness)
				}
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

// TestBesides: what all rules conclude from each script of one of them. A script is about its
// own rule; whoever reads the others sees which habits one Client has at the same time.
func TestBesides(t *testing.T) {
	var got strings.Builder
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, file string) {
		number := 0
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			number++
			fmt.Fprintf(&got, "\n%s %d\n", filepath.Base(file), number)
			tl := play(t, d.Input, conformance.Profile{Client: true, Secured: d.HasArg("secured")})
			found := All(tl)
			for _, r := range Rules() {
				if s := found[r.ID].Scenario; s != tl.Header.Scenario {
					t.Errorf("%s: %s is of scenario %q", d.Pos, r.ID, s)
				}
				if f := found[r.ID]; f.Verdict != conformance.None {
					fmt.Fprintf(&got, "%s %s %d %v %s\n", r.ID, f.Verdict, f.Witness, f.AtS, f.Reason)
				}
			}
			return d.Expected
		})
	})
	const golden = "testdata/besides.txt"
	if flag.Lookup("rewrite").Value.String() == "true" {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

// TestRecord: what a Scribe writes down, entry by entry, and what becomes of it: the
// requests with their copies and answers, and the observations.
func TestRecord(t *testing.T) {
	datadriven.RunTest(t, "testdata/record.txt", func(t *testing.T, d *datadriven.TestData) string {
		tl := play(t, d.Input, conformance.Profile{Client: true})
		var b strings.Builder
		for i := range tl.Observations {
			o := &tl.Observations[i]
			fmt.Fprintf(&b, "%d %v %s %s", o.N, o.At, o.Kind, o.Client)
			if o.For != nil {
				fmt.Fprintf(&b, " for=%d", *o.For)
			}
			if f := o.Frame; f != nil {
				fmt.Fprintf(&b, " %s %s %d %s", f.Type, f.Code, f.MID, f.Path)
			}
			fmt.Fprintf(&b, " %s%s %s\n", o.Name, o.Outcome, o.Text)
		}
		s := tell(tl)
		for _, r := range s.requests {
			fmt.Fprintf(&b, "request %d copies=%v heard=%s answer=%s %s asks=%v\n", r.n, r.copies, entry(r.heard), entry(r.answer), r.code, r.asks())
		}
		for _, n := range s.told {
			fmt.Fprintf(&b, "told %d copies=%v taken=%s\n", n.n, n.copies, entry(n.taken))
		}
		for _, w := range s.watches {
			fmt.Fprintf(&b, "watch %d to %s until %s dropped=%v\n", w.from, w.to, entry(w.over), w.dropped)
		}
		for _, p := range slices.Concat(s.checks, s.updates) {
			fmt.Fprintf(&b, "process %v %d to %s asked=%v\n", p.bit, p.from, entry(p.to), p.asked != nil)
		}
		return strings.ReplaceAll(b.String(), " \n", "\n")
	})
}

// entry is the number of an entry.
func entry(n int) string {
	if n == never {
		return "never"
	}
	return fmt.Sprint(n)
}

// Every rule has its scripts, and says all that a reader has to know.
func TestEveryRuleIsComplete(t *testing.T) {
	for _, r := range Rules() {
		file := filepath.Join("testdata", "rules", strings.ToLower(strings.ReplaceAll(r.ID, "-", "_"))+".txt")
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
