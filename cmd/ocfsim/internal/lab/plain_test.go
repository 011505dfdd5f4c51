package lab_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
)

// TestWithoutGodogTheOutcomeIsTheSame runs every scenario with godog and without: the
// harness takes the same steps, arranges and writes the same in the same order, and all
// verdicts are the same.
func TestWithoutGodogTheOutcomeIsTheSame(t *testing.T) {
	d, err := fixtures.Deviation("cm-v-not-cleared")
	if err != nil {
		t.Fatal(err)
	}
	specimen, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	with, without := outcome(t, specimen, false), outcome(t, specimen, true)
	if len(with) < 200 || len(with) != len(without) {
		t.Fatalf("%d scenarios with godog, %d without", len(with), len(without))
	}
	for i := range with {
		if with[i] != without[i] {
			t.Errorf("with godog:\n%s\nwithout:\n%s", with[i], without[i])
		}
	}
}

// outcome says of each scenario how it ended and what the harness did.
func outcome(t *testing.T, s lab.Specimen, plain bool) []string {
	t.Helper()
	var all []string
	synctest.Test(t, func(t *testing.T) {
		l := openVirtual(t, s, unsecured)
		res := runOne(t.Context(), t, suite.Config{Targets: l.Targets(), Plain: plain})
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		for _, row := range res.Report.Scenarios {
			var b strings.Builder
			fmt.Fprintf(&b, "%s %s\n", row.ID, row.Verdict)
			tl, err := res.Timelines()(row.Timeline)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range tl.Observations {
				switch o.Kind {
				case conformance.Step, conformance.Condition:
					fmt.Fprintln(&b, o.Kind, o.Name, o.Text, o.Outcome)
				case conformance.Request:
					if o.Frame.Code == "GET" {
						continue // how often it looks depends on what is told at the same moment
					}
					fmt.Fprintln(&b, o.Kind, o.Client, o.Frame.Code, o.Frame.Path, o.Frame.Payload)
				}
			}
			all = append(all, b.String())
		}
	})
	return all
}
