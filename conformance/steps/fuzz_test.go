package steps

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures/seeds"
)

// FuzzLoad reads random feature files. What is accepted can be selected, has a
// Given, a When and a Then in this order, and reads the same in the form that
// godog is given; what is refused is refused with the file's name.
func FuzzLoad(f *testing.F) {
	names, err := fs.Glob(features.FS, "*.feature")
	if err != nil || len(names) == 0 {
		f.Fatalf("no features: %v", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(features.FS, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text[:min(len(text), 1500)]))
	}
	f.Add("Feature: F\n  @SVV-6 @S9\n  Scenario: S\n    Given a Device in RFNOP\n    When pstat is read\n    Then c\n      | a | \\| |\n")
	f.Add("Feature: F\n  Rule: R\n  Background:\n    Given b\n  Scenario Outline: S <x>\n    When <x>\n    Then c\n  Examples:\n    | x |\n    | 1 |\n    | é |\n")
	f.Add("# language: de\nFunktionalität: F\n  Szenario: S\n    Angenommen a\n    Wenn b\n    Dann c\n")
	found, err := seeds.Read("testdata/seeds/FuzzLoad")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range found {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, text string) {
		catalogue, err := Load(fstest.MapFS{"x.feature": {Data: []byte(text)}}, judge.IDs())
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if strings.HasPrefix(line, "x.feature") {
					return
				}
			}
			t.Fatalf("an error that does not name the file: %v", err)
		}
		selected, err := catalogue.Select("", "")
		if err != nil {
			t.Fatalf("accepted, yet nothing can be selected: %v", err)
		}
		for _, s := range selected {
			acceptable(t, s)
			if one, err := catalogue.Select("", s.ID); err != nil || len(one) != 1 {
				t.Errorf("%q selects %d scenarios: %v", s.ID, len(one), err)
			}
		}
	})
}

// acceptable wants of an accepted scenario that all of it would be executed.
func acceptable(t *testing.T, s Scenario) {
	t.Helper()
	words := map[Word]int{}
	for _, step := range s.Steps {
		words[step.Word]++
	}
	if words[Given] == 0 || words[When] == 0 || words[Then] == 0 || s.Line == 0 || strings.ContainsAny(s.ID, "/\\ ") {
		t.Errorf("accepted: %+v", s)
	}
	again, err := Load(fstest.MapFS{"again.feature": {Data: feature(s)}}, judge.IDs())
	if err != nil {
		t.Fatalf("what godog is given can't be read: %v\n%s", err, feature(s))
	}
	if len(again.Scenarios) != 1 || len(again.Scenarios[0].Steps) != len(s.Steps) {
		t.Fatalf("of %d steps godog is given others:\n%s", len(s.Steps), feature(s))
	}
	for i, step := range again.Scenarios[0].Steps {
		if was := s.Steps[i]; step.Word != was.Word || step.Text != was.Text || !sameTable(step.Table, was.Table) {
			t.Errorf("step %d is %+v, godog is given %+v", i+1, was, step)
		}
	}
}

func sameTable(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if strings.Join(a[i], "|") != strings.Join(b[i], "|") {
			return false
		}
	}
	return true
}
