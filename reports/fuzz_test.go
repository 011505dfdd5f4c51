package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/fixtures/seeds"
)

// FuzzReadJSON checks what ReadJSON promises: what it accepts can be written back
// unchanged, and it accepts no pass that the file's own rows contradict.
func FuzzReadJSON(f *testing.F) {
	for _, rep := range []assess.Report{acme().report, Incomplete(newSample().report), passing(), {Verdict: conformance.Error, Reason: "incomplete"}} {
		f.Add(jsonOf(f, rep))
	}
	f.Add([]byte(`{"schema": "ocfsim.results/1"}`))
	found, err := seeds.Read("testdata/seeds/FuzzReadJSON")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range found {
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rep, err := ReadJSON("in", bytes.NewReader(data))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "in: ") {
				t.Errorf("an error that does not name the file: %v", err)
			}
			return
		}
		text := jsonOf(t, rep)
		again, err := ReadJSON("again", bytes.NewReader(text))
		if err != nil {
			t.Fatalf("what was read is written in a way that is refused: %v\n%s", err, text)
		}
		if diff := cmp.Diff(rep, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read and written again (-was +is):\n%s", diff)
		}
		if code, _ := Exit(rep.Verdict); code != 0 {
			return
		}
		for _, q := range rep.Requirements {
			if code, _ := Exit(q.Verdict); code != 0 && q.Verdict != conformance.NotApplicable {
				t.Errorf("%s in which %s is %s", rep.Verdict, q.ID, q.Verdict)
			}
		}
		if len(rep.Requirements) == rep.Counts[conformance.NotApplicable] {
			t.Errorf("%s in which nothing was judged", rep.Verdict)
		}
	})
}

// passing makes a small report in which nothing is wrong.
func passing() assess.Report {
	return assess.Report{
		Started: begun(), Verdict: conformance.Pass, Tool: assess.Tool{Name: "ocfsim"},
		Requirements: []assess.RequirementResult{
			{ID: "SVV-6", Level: "duty", Verdict: conformance.Pass, Findings: []conformance.Finding{passed(3, "tm has V")}},
			{ID: "AUT-1", Level: "duty", Verdict: conformance.NotApplicable, Reason: "not declared"},
		},
		Scenarios: []assess.ScenarioResult{{ID: "a", Verdict: conformance.Pass, Timeline: "timelines/a.jsonl"}},
	}
}
