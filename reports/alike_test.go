package reports

import (
	"bytes"
	"slices"
	"strconv"
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

// TestAlikeOnThePage counts what passed and says the same, of one target among many, and
// leaves none of it out.
func TestAlikeOnThePage(t *testing.T) {
	rep := repeated()
	r := reportBook{rep: rep}.requirements()[0]
	all := len(r.Findings)
	r.merge()
	var counts []int
	for _, f := range r.Findings {
		counts = append(counts, f.Alike)
	}
	if want := []int{0, all - 3, 0}; !slices.Equal(counts, want) {
		t.Errorf("%d findings stand as %v with others, want %v", all, counts, want)
	}
	rest := later{kind: "text"}
	if err := r.fold(&rest); err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Passes != all-1 {
		t.Errorf("%d stand open and %d passed, of %d", len(r.Findings), r.Passes, all)
	}
	if says := " and " + strconv.Itoa(all-3) + " more that say the same"; !strings.Contains(rest.plain.String(), says) {
		t.Errorf("the page does not say %q:\n%s", says, rest.plain.String())
	}
}

// TestOneOfManyIsShort tells JUnit of what passed that it did, and of the rest as ever.
func TestOneOfManyIsShort(t *testing.T) {
	rep := acme().report
	rep.Scenarios[0].Verdict = conformance.Pass
	write := func(e Entry) string {
		var b bytes.Buffer
		if err := junitFormat().Write(&b, e); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	long, short := write(Entry{Report: rep}), write(Entry{Report: rep, Redraw: "draw"})
	if n, m := strings.Count(long, "<testcase"), strings.Count(short, "<testcase"); n != m {
		t.Errorf("%d cases, and %d of one target among many", n, m)
	}
	for _, s := range rep.Scenarios {
		says := `<property name="scenario" value="` + s.ID + `"`
		if got, want := strings.Contains(short, says), s.Verdict != conformance.Pass || s.Flaky; got != want {
			t.Errorf("%s is %s; it has properties: %t", s.ID, s.Verdict, got)
		}
		if !strings.Contains(long, says) {
			t.Errorf("%s has no properties", s.ID)
		}
	}
}
