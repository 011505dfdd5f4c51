package steps

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/features"
)

func load(t *testing.T) Catalogue {
	t.Helper()
	cat, err := Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// TestEveryRequirementHasAScenario wants a scenario for each requirement that
// is judged of a Device, and for each stimulus of the catalogue.
func TestEveryRequirementHasAScenario(t *testing.T) {
	tags := load(t).Tags()
	for _, r := range judge.Requirements() {
		tagged := slices.Contains(tags, "@"+r.ID)
		if r.Actor == "client" && tagged {
			t.Errorf("%s is judged of Clients, and a scenario is tagged with it", r.ID)
		}
		if r.Actor != "client" && !tagged {
			t.Errorf("%s (%s) has no scenario", r.ID, r.Says)
		}
	}
	for _, want := range strings.Fields("S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 " +
		"S21 S22 S23 S24 S25 S26 S27 S28 S29 S30 S31 S32") {
		if !slices.Contains(tags, "@"+want) {
			t.Errorf("stimulus %s has no scenario", want)
		}
	}
}

// TestEverySentenceIsDefined wants exactly one definition for each sentence.
func TestEverySentenceIsDefined(t *testing.T) {
	used, language := make(map[string]bool), ours().definitions
	later := edition.Of(edition.OCF22)
	all, err := LoadFor(later, features.FS, judge.IDsOf(later))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all.Scenarios {
		for _, sentence := range s.Steps {
			matches := 0
			for _, d := range language {
				if d.word == sentence.Word && d.expr.MatchString(sentence.Text) {
					used[d.text] = true
					matches++
				}
			}
			if matches != 1 {
				t.Errorf("%s:%d: %d definitions for %s %s", s.File, sentence.Line, matches, sentence.Word, sentence.Text)
			}
		}
	}
	for _, d := range language {
		if !used[d.text] && !d.walked {
			t.Errorf("no scenario uses %s %s", d.word, d.text)
		}
	}
}

func TestEveryPayloadAndMannerIsUsed(t *testing.T) {
	var text strings.Builder
	for _, s := range load(t).Scenarios {
		for _, sentence := range s.Steps {
			text.WriteString(sentence.Text + "\n")
		}
	}
	for _, p := range payloads() {
		if !strings.Contains(text.String(), `"`+p.name+`"`) {
			t.Errorf("no scenario writes %q", p.name)
		}
		if _, _, err := payloadNamed(p.name); err != nil {
			t.Error(err)
		}
	}
	for _, m := range manners() {
		if !strings.Contains(text.String(), `"`+m.name+`"`) {
			t.Errorf("no scenario asks %q", m.name)
		}
	}
}

func TestSelect(t *testing.T) {
	cat := load(t)
	tests := []struct{ expr, id, want string }{
		{"@SVV-6x", "", "no scenario has @SVV-6x; misspelled?; near: @SVV-6"},
		{"@svv-6", "", "misspelled?; near: @SVV-6"},
		{"@S1 and not @S1", "", "nothing selected"},
		{"@S1 or", "", "column 7"},
		{"", "validation.a-check-that-finds-an-update-says-so-and-end", "near: validation.a-check-that-finds-an-update-says-so-and-ends"},
		{"@OBS-5", "validation.a-check-that-finds-an-update-says-so-and-ends", "nothing selected"},
	}
	for _, tt := range tests {
		if _, err := cat.Select(tt.expr, tt.id); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Select(%q, %q): got %v, want %s", tt.expr, tt.id, err, tt.want)
		}
	}
	all, err := cat.Select("", "")
	if err != nil || len(all) != len(cat.Scenarios) {
		t.Errorf("an empty selection gave %d scenarios and %v", len(all), err)
	}
	one, err := cat.Select("", "payloads.a-value-that-is-no-16-bit-mask-starts-nothing.tm-as-65536")
	if err != nil || len(one) != 1 || one[0].Line == 0 || !slices.Contains(one[0].Requirements, "DPM-1") {
		t.Errorf("selecting by id gave %+v and %v", one, err)
	}
	for _, s := range all {
		if s.ID == "" || strings.Trim(s.ID, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			t.Errorf("%s:%d: id %q", s.File, s.Line, s.ID)
		}
		if len(s.Requirements)+len(s.Stimuli) == 0 {
			t.Errorf("%s has neither a requirement nor a stimulus", s.ID)
		}
	}
}

func TestLoadResolvesRulesBackgroundsAndOutlines(t *testing.T) {
	cat, err := Load(fstest.MapFS{"sub/x.feature": {Data: []byte(`@SVV-1
Feature: F
  Background:
    Given a
  @S1
  Rule: R
    Background:
      Given b
    @SVV-2
    Scenario Outline: O <n>
      When c <n>
      Then d
        | tm  |
        | <n> |
      @S2
      Examples:
        | n | other |
        | 1 | x     |
        | 2 | y     |
`)}}, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	if len(cat.Scenarios) != 2 {
		t.Fatalf("%d scenarios", len(cat.Scenarios))
	}
	s := cat.Scenarios[1]
	if s.ID != "x.o-n.2" || s.Name != "O 2" || s.Rule != "R" || s.Line != 19 || len(s.Steps) != 4 {
		t.Errorf("got %+v", s)
	}
	if got := strings.Join(s.Tags, " "); got != "@SVV-1 @S1 @SVV-2 @S2" {
		t.Errorf("tags %s", got)
	}
	if s.Steps[1].Text != "b" || s.Steps[2].Text != "c 2" || s.Steps[3].Table[1][0] != "2" {
		t.Errorf("steps %+v", s.Steps)
	}
}

func TestLoadErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "x.feature:1:1: there is no feature in it"},
		{"no scenario", "Feature: F", "x.feature:1:1: there is no scenario in it"},
		{"syntax", "Feature: F\n  Scenario: S\n    Given a\n  Gibberish", "x.feature:4:3: expected"},
		{"UTF-16", "\xff\xfeF\x00e\x00", "x.feature:1:1: this is UTF-16, expected UTF-8"},
		{"no steps", "Feature: F\n  Scenario: S", `x.feature:2:3: scenario "S" has no steps`},
		{"outline without examples", "Feature: F\n  Scenario Outline: S\n    Given a\n    When b\n    Then c", `x.feature:2:3: outline "S" has no examples`},
		{"examples without rows", "Feature: F\n  Scenario Outline: S\n    Given a\n    When b\n    Then c\n    Examples:\n      | a |", "x.feature:6:5: the examples of \"S\" have no row"},
		{"tags with a comma", "Feature: F\n  @SVV-1,@SVV-2\n  Scenario: S\n    Given a\n    When b\n    Then c", "x.feature:2:3: @SVV-1, is not a tag that an expression can name"},
		{"a tag with a comma", "Feature: F\n  @a,b\n  Scenario: S\n    Given a\n    When b\n    Then c", "x.feature:2:3: @a,b is not a tag that an expression can name"},
		{"two Whens", "Feature: F\n  Scenario: S\n    Given a\n    When b\n    Then c\n    When d\n    Then e", "x.feature:6:5: When after Then"},
		{"no Then", "Feature: F\n  Scenario: S\n    Given a\n    When b", "x.feature:2:3: scenario \"S\" lacks a Given, a When or a Then"},
		{"star", "Feature: F\n  Scenario: S\n    * a", "x.feature:3:5: \"a\" does not say whether it is a Given"},
		{"doc string", "Feature: F\n  Scenario: S\n    Given a\n      \"\"\"\n      x\n      \"\"\"\n    When b\n    Then c", "x.feature:3:5: \"a\" has a doc string"},
		{"unknown requirement", "Feature: F\n  @SVV-66\n  Scenario: S\n    Given a\n    When b\n    Then c", "x.feature:2:3: @SVV-66 is not a requirement; near: @SVV-6"},
		{"unknown stimulus", "Feature: F\n  @S33\n  Scenario: S\n    Given a\n    When b\n    Then c", "x.feature:2:3: @S33 is not a stimulus, expected @S1 to @S32"},
		{"unknown need", "Feature: F\n  @needs:updates\n  Scenario: S\n    Given a\n    When b\n    Then c", "@needs:updates is not a need; near: @needs:update"},
		{"same id", "Feature: F\n  Scenario: S!\n    Given a\n    When b\n    Then c\n  Scenario: s\n    Given a\n    When b\n    Then c", `x.feature:6:3: scenario "s" has the id of line 2: x.s`},
	}
	for _, tt := range tests {
		_, err := Load(fstest.MapFS{"x.feature": {Data: []byte(tt.text)}}, judge.IDs())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := Load(fstest.MapFS{"x.txt": {}}, judge.IDs()); err == nil {
		t.Error("loading nothing is no error")
	}
}

// TestTagsAskForNoMoreThanTheRequirement wants a requirement that can be judged
// without the gate, a restart or a failing update to be tagged only where none
// is used: where a target can't be brought there, the scenario is not testable,
// and would take the requirement with it.
func TestTagsAskForNoMoreThanTheRequirement(t *testing.T) {
	special := []string{"withholds its answers", "is pending", "is restarted", "has been restarted", "has been moved to"}
	needs := make(map[string]string)
	for _, r := range judge.Requirements() {
		needs[r.ID] = r.Needs.Bench
	}
	for _, s := range load(t).Scenarios {
		for _, sentence := range s.Steps {
			if !slices.ContainsFunc(special, func(w string) bool { return strings.Contains(sentence.Text, w) }) {
				continue
			}
			for _, id := range s.Requirements {
				if needs[id] == "" {
					t.Errorf("%s: %q is more than %s needs", s.ID, sentence.Text, id)
				}
			}
		}
	}
}
