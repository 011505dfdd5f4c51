package reports

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestConcernsAreWhatTheSummaryTells checks that the summary contains each concern
// word by word.
func TestConcernsAreWhatTheSummaryTells(t *testing.T) {
	s := acme()
	summary := summaryOf(t, s.report, Style{Rerun: rerun, Timelines: s.timeline, Cases: 100})
	all := Concerns(Entry{Report: s.report, Rerun: rerun, Timelines: s.timeline}, Style{})
	if len(all) == 0 {
		t.Fatal("there is none")
	}
	for _, c := range all {
		if c.Text == "" || !strings.Contains(summary, "\n\n"+c.Text) || !strings.Contains(c.Text, c.ID) {
			t.Errorf("%s is not in the summary:\n%s\nsummary:\n%s", c.ID, c.Text, summary)
		}
	}
	if all[0].Verdict != conformance.Error || !all[0].Red() {
		t.Errorf("the worst is %s", all[0].Verdict)
	}
}

// A run that is an error for a reason of its own says that before anything else.
func TestConcernsOfARunThatFailed(t *testing.T) {
	rep := acme().report
	rep.Verdict, rep.Reason = conformance.Error, "lamp: no route"
	if c := Concerns(Entry{Report: rep}, Style{})[0]; c.ID != RunConcluded || !c.Red() || c.Text != "lamp: no route\n" {
		t.Errorf("%+v", c)
	}
}

func TestRed(t *testing.T) {
	for v, red := range map[conformance.Verdict]bool{
		conformance.Warn: false, conformance.Waived: false, conformance.Fail: true, conformance.Error: true, conformance.Inconclusive: true,
	} {
		if got := (Concern{Verdict: v}).Red(); got != red {
			t.Errorf("%s: %v", v, got)
		}
	}
}

// A breach that only a later scenario shows is run again with both.
func TestRerunOfTwoScenarios(t *testing.T) {
	for next, want := range map[string]string{"": "again a", "b": "again a --scenario b"} {
		if got := both(func(scenario string) string { return "again " + scenario }, "a", next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
	if got := both(nil, "a", "b"); got != "" {
		t.Errorf("without a command: %q", got)
	}
}
