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

// sameInEveryRun joins texts of findings and leaves out the number of the deciding
// observation. These are two runs, and what happens at one instant of virtual time is
// recorded in any order, samples of the source too, so the count before it may differ.
func sameInEveryRun(texts []string) string {
	return regexp.MustCompile(`observation\s+\d+`).ReplaceAllString(strings.Join(texts, "\n"), "observation N")
}
