package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// repeated is a report whose first requirement passed in each scenario for the same
// reason, but in one that failed and in one that passed for another.
func repeated() assess.Report {
	rep := acme().report
	r := &rep.Requirements[0]
	r.Verdict, r.Findings = conformance.Fail, nil
	for i, s := range rep.Scenarios {
		f := conformance.Finding{Scenario: s.ID, Verdict: conformance.Pass, Want: "w", Got: "g", Reason: "r", AtS: float64(i) / 7, Witness: i, Request: i % 2}
		switch i {
		case 2:
			f.Verdict = conformance.Fail
		case 4:
			f.Reason = "another"
		}
		r.Findings = append(r.Findings, f)
	}
	return complete(rep)
}

// written is what results.json says of one target among many.
func written(t *testing.T, rep assess.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := jsonFormat().Write(&b, Entry{Report: rep, Redraw: "draw"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWhatIsAlikeIsReadAsItWas reads the results of one target among many: nothing of them
// is lost, and what did not pass stands there in full.
func TestWhatIsAlikeIsReadAsItWas(t *testing.T) {
	rep := repeated()
	text := written(t, rep)
	if n, want := strings.Count(text, `"want": "w"`), 3; n != want {
		t.Errorf("%d findings stand in full, want %d:\n%s", n, want, text)
	}
	got, err := ReadJSON("results.json", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := rep
	want.Revision = ResultsRevision
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var full bytes.Buffer
	if err := jsonFormat().Write(&full, Entry{Report: rep}); err != nil || strings.Contains(full.String(), "alike") {
		t.Errorf("the results of one target have rows that are alike: %v", err)
	}
}

// TestRowsThatAreAlikeToNothingAreRefused changes a row so that it can't be what was
// written.
func TestRowsThatAreAlikeToNothingAreRefused(t *testing.T) {
	text := written(t, repeated())
	begin := strings.Index(text, `"alike": [[`) + len(`"alike": [`)
	row := text[begin : begin+strings.Index(text[begin:], "]")+1]
	for _, bad := range []string{
		"[900,0,1,0.1,1]", "[-1,0,1,0.1,1]", "[1,900,1,0.1,1]", "[1,0,900,0.1,1]", "[1,0,1,-0.1,1]", "[1,0,1,0.1,-2]",
		"[1,1,1,0.1,1]", // like the one that failed
		"[1,0,1,0.1]", "[1,0,1,0.1,1,1,1]", "[1,0,1.5,0.1,1]", `["1",0,1,0.1,1]`, "{}", "1",
	} {
		if _, err := ReadJSON("results.json", strings.NewReader(strings.Replace(text, row, bad, 1))); err == nil {
			t.Errorf("%s in place of %s was read", bad, row)
		}
	}
}
