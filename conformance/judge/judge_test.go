package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestJudges plays the scripts of testdata/judges.
//
//	judge SVV-8     what that requirement concludes
//	breaches        every requirement that the Timeline breaks or warns of
//	verdicts        every requirement that concludes anything
func TestJudges(t *testing.T) {
	datadriven.Walk(t, "testdata/judges", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			all := All(play(t, d.Input))
			switch d.Cmd {
			case "judge":
				id := d.CmdArgs[0].Key
				f, ok := all[id]
				if !ok {
					t.Fatalf("%s: unknown requirement %s", d.Pos, id)
				}
				return describe(f)
			case "breaches":
				return list(all, conformance.Fail, conformance.Warn)
			case "verdicts":
				return list(all, conformance.Pass, conformance.Fail, conformance.Warn, conformance.Inconclusive)
			}
			t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
			return ""
		})
	})
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

func list(all map[string]conformance.Finding, verdicts ...conformance.Verdict) string {
	var b strings.Builder
	for _, r := range Requirements() {
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
