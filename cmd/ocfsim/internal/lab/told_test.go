package lab_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/reports"
)

// TestAFailIsToldWithItsEvidence checks that a vendor's test says the same of a fail
// whether the run was written to a folder or not: the requirement, the sentence, what
// was observed, and the messages that decided.
func TestAFailIsToldWithItsEvidence(t *testing.T) {
	d, err := fixtures.Deviation("cm-v-not-cleared")
	if err != nil {
		t.Fatal(err)
	}
	specimen, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	selection := suite.Selection{Tags: "@" + d.Breaks[0]}
	tell := func(dir string) (red []string) {
		synctest.Test(t, func(t *testing.T) {
			l := openVirtual(t, specimen, unsecured)
			res := runOne(t.Context(), t, suite.Config{Targets: l.Targets(), Selection: selection, Dir: dir})
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			for _, c := range res.Concerns() {
				if c.Red() {
					red = append(red, c.Text)
				}
			}
			if len(res.Requirements(conformance.Fail)) == 0 {
				t.Errorf("nothing failed:\n%s", res.Summary())
			}
		})
		return red
	}
	remembered, written := tell(""), tell(t.TempDir())
	if a, b := sameInEveryRun(remembered), sameInEveryRun(written); a != b || !strings.Contains(a, "\n    path ") {
		t.Errorf("remembered:\n%s\nwritten:\n%s", a, b)
	}
}

// TestLiveLinesSayWhatTheReportSays checks that the line of a scenario that has ended
// says what the judges make of it: never pass before they did, and a fail where the
// Device died of a request.
func TestLiveLinesSayWhatTheReportSays(t *testing.T) {
	for _, name := range []string{"cm-v-not-cleared", "array-kills", "tm-v-never-cleared"} {
		d, err := fixtures.Deviation(name)
		if err != nil {
			t.Fatal(err)
		}
		specimen, err := lab.Deviant(d)
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]reports.ProgressEvent{}
		synctest.Test(t, func(t *testing.T) {
			l := openVirtual(t, specimen, unsecured)
			res := runOne(t.Context(), t, suite.Config{
				Targets: l.Targets(), Selection: suite.Selection{Tags: "@" + d.Breaks[0]},
				Progress: func(e reports.ProgressEvent) {
					if e.Ended {
						told[e.Scenario] = e
					}
				},
			})
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			failed := 0
			for _, s := range res.Report.Scenarios {
				if e := told[s.ID]; e.Verdict != s.Verdict || e.Reason != s.Reason {
					t.Errorf("%s, %s: the line says %s (%s), the report %s (%s)", name, s.ID, e.Verdict, e.Reason, s.Verdict, s.Reason)
				}
				if s.Verdict == conformance.Fail {
					failed++
				}
			}
			if failed == 0 {
				t.Errorf("%s: nothing failed", name)
			}
		})
	}
}

// sameInEveryRun joins texts of findings and leaves out the number of the deciding
// observation. These are two runs, and what happens at one instant of virtual time is
// recorded in any order, samples of the source too, so the count before it may differ.
func sameInEveryRun(texts []string) string {
	return regexp.MustCompile(`observation\s+\d+`).ReplaceAllString(strings.Join(texts, "\n"), "observation N")
}
