package judge

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
)

// TestScripts plays the scripts of each requirement, testdata/svv_04.txt and so
// on, of which the first of each verdict is an example on its page, and those of
// testdata/judges, which are of several requirements at once.
//
//	judge SVV-8     what that requirement concludes
//	breaches        every requirement that the Timeline breaks or warns of
//	verdicts        every requirement that concludes anything
func TestScripts(t *testing.T) {
	for _, file := range scriptFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
				tl := play(t, d.Input)
				all := All(tl)
				switch d.Cmd {
				case "judge":
					id := d.CmdArgs[0].Key
					f, ok := all[id]
					if !ok {
						t.Fatalf("%s: unknown requirement %s", d.Pos, id)
					}
					return describe(f)
				case "breaches":
					return list(tl, all, conformance.Fail, conformance.Warn)
				case "verdicts":
					return list(tl, all, conformance.Pass, conformance.Fail, conformance.Warn, conformance.Inconclusive)
				}
				t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
				return ""
			})
		})
	}
}

// scriptFiles are the files of scripts, in the order of their names.
func scriptFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"testdata/*.txt", "testdata/judges/*", "testdata/ocf-2.2/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no scripts: %s: %v", pattern, err)
		}
		all = append(all, files...)
	}
	return slices.DeleteFunc(all, func(file string) bool { return filepath.Base(file) == "seed.txt" })
}

func describe(f conformance.Finding) string {
	if f.Verdict == conformance.None {
		return "none\n"
	}
	text := fmt.Sprintf("%s: %s\n", f.Verdict, f.Reason)
	if f.Verdict == conformance.Fail || f.Verdict == conformance.Warn {
		text += fmt.Sprintf("want %s\ngot %s\nentry %d\n", f.Want, f.Got, f.Witness)
	}
	return text
}

func list(tl conformance.Timeline, all map[string]conformance.Finding, verdicts ...conformance.Verdict) string {
	var b strings.Builder
	for _, r := range Of(edition.Of(tl.Header.Edition)) {
		for _, v := range verdicts {
			if all[r.ID].Verdict == v {
				fmt.Fprintf(&b, "%s %s: %s\n", r.ID, v, all[r.ID].Reason)
			}
		}
	}
	if b.Len() == 0 {
		return "none\n"
	}
	return b.String()
}
