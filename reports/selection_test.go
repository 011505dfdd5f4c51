package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// TestASelectionIsNoPass wants every place where a verdict stands to say that the run
// was a part of the suite only, and none to say it of the whole suite.
func TestASelectionIsNoPass(t *testing.T) {
	const says = "SELECTION: 7 of 264 scenarios, 16 of 51 requirements"
	part := lampPasses()
	part.Selection = &assess.Selection{Scenarios: 7, OfScenarios: 264, Requirements: 16, OfRequirements: 51}
	for name, write := range map[string]func(io.Writer, assess.Report) error{
		"terminal": func(w io.Writer, r assess.Report) error { return Summary(w, r, Style{Width: 200}) },
		"terminal, two targets": func(w io.Writer, r assess.Report) error {
			return Overview(w, []Entry{{Report: r}, {Report: r}}, Style{Width: 200})
		},
		"terminal, one of two": func(w io.Writer, r assess.Report) error {
			return Overview(w, []Entry{{Report: r}, {Report: lampPasses()}}, Style{Width: 200})
		},
		"junit.xml":  func(w io.Writer, r assess.Report) error { return JUnit(w, r, nil, nil) },
		"page":       func(w io.Writer, r assess.Report) error { return HTML(w, r, nil, nil) },
		"index page": func(w io.Writer, r assess.Report) error { return Index(w, []Entry{{Report: r}, {Report: r}}) },
		"difference": func(w io.Writer, r assess.Report) error {
			return Difference{Targets: []Comparison{Compare(r, r)}}.Text(w, Style{Width: 200})
		},
	} {
		var whole, some bytes.Buffer
		if err := write(&whole, lampPasses()); err != nil {
			t.Fatal(err)
		}
		if err := write(&some, part); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(whole.String(), "SELECTION") {
			t.Errorf("%s says of the whole suite:\n%s", name, whole.String())
		}
		if !strings.Contains(some.String(), says) || strings.Contains(some.String(), "every applicable requirement passed") {
			t.Errorf("%s says of a selection:\n%s", name, some.String())
		}
	}
}

// TestASelectionForPrograms wants the numbers in results.json, index.json and
// junit.xml, and results.json to be refused if they can't be.
func TestASelectionForPrograms(t *testing.T) {
	part := lampPasses()
	part.Selection = &assess.Selection{Scenarios: 7, OfScenarios: 264, Requirements: 16, OfRequirements: 51}
	back, err := ReadJSON("results.json", bytes.NewReader(jsonOf(t, part)))
	if err != nil || back.Selection == nil || *back.Selection != *part.Selection {
		t.Errorf("%+v, %v", back.Selection, err)
	}
	part.Selection.Scenarios = 265
	if _, err := ReadJSON("results.json", bytes.NewReader(jsonOf(t, part))); err == nil || !strings.Contains(err.Error(), "selection: ") {
		t.Errorf("265 of 264: %v", err)
	}
	part.Selection.Scenarios = 7
	var b bytes.Buffer
	if err := IndexJSON(&b, []Entry{{Report: part}}); err != nil {
		t.Fatal(err)
	}
	var index indexFile
	if err := json.Unmarshal(b.Bytes(), &index); err != nil || index.Targets[0].Selection == nil || *index.Targets[0].Selection != *part.Selection {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := JUnit(&b, part, nil, nil); err != nil {
		t.Fatal(err)
	}
	var doc junitSuites
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(doc.Name, ", "+part.Selection.String()) {
		t.Errorf("the name is %q", doc.Name)
	}
	for _, s := range doc.Suites {
		found := false
		for _, p := range s.Properties.Property {
			found = found || p.Name == "selection" && p.Value == part.Selection.String()
		}
		if !found {
			t.Errorf("suite %s: %+v", s.Name, s.Properties)
		}
	}
}

// TestWhatAVerdictMeansIsTrue wants "at least one requirement failed" where one did,
// and only there.
func TestWhatAVerdictMeansIsTrue(t *testing.T) {
	failed := lampPasses()
	failed.Verdict, failed.Requirements[0].Verdict = conformance.Fail, conformance.Fail
	waiver := lampPasses()
	waiver.Verdict = conformance.Fail
	for name, c := range map[string]struct {
		reps []assess.Report
		want string
	}{
		"a requirement":                {[]assess.Report{failed}, "at least one requirement failed"},
		"a requirement of one of two":  {[]assess.Report{waiver, failed}, "at least one requirement failed"},
		"a waiver that has no use":     {[]assess.Report{waiver}, "no requirement failed, but a waiver did"},
		"a waiver, of one of two runs": {[]assess.Report{waiver, lampPasses()}, "no requirement failed, but a waiver did"},
	} {
		if code, means := conclusion(conformance.Fail, c.reps...); code != 1 || !strings.HasPrefix(means, c.want) {
			t.Errorf("%s: exit %d, %s", name, code, means)
		}
	}
}

// lampPasses is a run in which one requirement passed.
func lampPasses() assess.Report {
	return complete(assess.Report{
		Verdict: conformance.Pass, Target: assess.TargetName{Name: "lamp", Secured: true}, Edition: "ocf-1.0", Started: begun(),
		Requirements: []assess.RequirementResult{{ID: "SVV-1", Level: "duty", Verdict: conformance.Pass}},
	})
}
