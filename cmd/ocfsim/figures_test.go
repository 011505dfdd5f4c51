package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/explore"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures"
)

// figures holds the documents to their source. Each pattern finds a figure, which is its
// first group, and of is what it has to be today. What a command prints is compared by
// TestDocs, and what a decision measured when it was made stays in docs/adr as it was.
func figures(t *testing.T) map[string]int {
	t.Helper()
	catalogue, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	few, err := lab.Few()
	if err != nil {
		t.Fatal(err)
	}
	var examined struct {
		Devices []struct {
			Kind   string
			Killed bool
		}
	}
	text, err := os.ReadFile("../../reports/deviants/deviants.json")
	if err == nil {
		err = json.Unmarshal(text, &examined)
	}
	if err != nil {
		t.Fatal(err)
	}
	deviants, caught, explored := 0, 0, 0
	for _, d := range examined.Devices {
		if d.Kind == "deviant" {
			deviants++
		}
		if d.Kind == "deviant" && d.Killed {
			caught++
		}
	}
	for _, d := range fixtures.Deviations() {
		if d.Explored {
			explored++
		}
	}
	return map[string]int{
		`([0-9]+|[a-z]+) scenarios were run in virtual time`:  len(catalogue.Scenarios),
		`([0-9]+) deviant Devices`:                            deviants,
		`deviant Devices, of which ([0-9]+) were caught`:      caught,
		`([0-9]+) compliant Devices`:                          len(examined.Devices) - deviants,
		`([0-9]+|[a-z]+) known deviations are not among`:      explored,
		`([0-9]+|[a-z]+) virtual Devices, the whole suite on`: len(few),
		`(?:up to|The) ([0-9]+) walks`:                        explore.Walks,
		`about ([a-z]+) of five scenarios`:                    inFifths(t, catalogue.Scenarios),
	}
}

// inFifths is how many of five scenarios can be tested on a Device that has no conditions.
func inFifths(t *testing.T, all []steps.Scenario) int {
	t.Helper()
	lamp, err := readTarget("../../fixtures/targets/lamp.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lamp.Conditions = nil
	tested := slices.DeleteFunc(slices.Clone(all), func(s steps.Scenario) bool { return wants(s, lamp) != "" })
	return (5*len(tested) + len(all)/2) / len(all)
}

// number reads a figure in digits or in a word.
func number(word string) int {
	if n := slices.Index(strings.Fields("none one two three four five six seven eight nine ten"), strings.ToLower(word)); n >= 0 {
		return n
	}
	n, err := strconv.Atoi(word)
	if err != nil {
		return -1
	}
	return n
}

// TestFigures reads the figures of the documents: each is what its source says today. A
// pattern that finds nothing has no document to guard any more.
func TestFigures(t *testing.T) {
	names, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, "../../README.md", "../../CONTRIBUTING.md", "../../reports/deviants/matrix.md", "../../docs/requirements/README.md")
	texts := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = strings.Join(strings.Fields(string(text)), " ")
	}
	guards := figures(t)
	for pattern, want := range guards {
		found := 0
		for name, text := range texts {
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
				found++
				if got := number(m[1]); got != want {
					t.Errorf("%s says %q, and it is %d today", name, m[0], want)
				}
			}
		}
		if found == 0 {
			t.Errorf("no document has the figure %s any more: remove the pattern, or correct it", pattern)
		}
	}
	for name, text := range texts {
		for _, claim := range unguarded(text, guards) {
			t.Errorf("%s says %q, and no pattern of figures guards it: say it without a figure, or add the pattern", name, claim)
		}
	}
}

// counted is a figure of the suite: what grows when a scenario or a Device is added.
var counted = regexp.MustCompile(`[0-9]{2,} (?:scenarios|requirements|deviations|deviants|deviant Devices|compliant Devices|walks)`)

// unguarded are the figures of the suite in text that no pattern compares.
func unguarded(text string, guards map[string]int) []string {
	for pattern := range guards {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, "")
	}
	return counted.FindAllString(text, -1)
}
