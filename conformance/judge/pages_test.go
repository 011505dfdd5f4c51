package judge

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
)

// pages is where the pages of the requirements stand.
const pages = "../../docs/requirements"

// example is a script of a requirement, and what is judged of it.
type example struct{ says, script, judged string }

// examples are the first scripts of r's own file, by verdict.
func examples(t *testing.T, r Requirement) map[conformance.Verdict]example {
	t.Helper()
	all := map[conformance.Verdict]example{}
	if r.Actor == Client {
		return all
	}
	text, err := os.ReadFile(filepath.Join("testdata", r.folder(), r.file()+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		input, judged, _ := strings.Cut(block, "\n----\n")
		says, played, ok := strings.Cut("\n"+input, "\njudge "+r.ID+"\n")
		if !ok {
			t.Fatalf("testdata/%s.txt has a script that is not of %s:\n%s", r.file(), r.ID, block)
		}
		word, _, _ := strings.Cut(judged, ":")
		if _, seen := all[conformance.Verdict(word)]; !seen {
			says = strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(says), "\n# ", " "), "# ")
			all[conformance.Verdict(word)] = example{says, strings.TrimSpace(played), strings.TrimSpace(judged)}
		}
	}
	return all
}

// folder is where the scripts of r stand, under testdata.
func (r Requirement) folder() string {
	if r.Edition == OCF10 {
		return ""
	}
	return r.Edition
}

// file is the name of the files that r stands in, without their ending.
func (r Requirement) file() string {
	family, number, _ := strings.Cut(strings.ToLower(r.ID), "-")
	return fmt.Sprintf("%s_%02s", family, number)
}

// mention is a file that speaks of a requirement.
type mention struct{ name, says string }

// readings are the ADRs that speak of id.
func readings(t *testing.T, id string) []mention {
	return mentions(t, "../../docs/adr/*.md", func(_, text string) (string, bool) {
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		return title, regexp.MustCompile(`\b` + id + `\b`).MatchString(text)
	})
}

// deviants are the deviations whose first breaches are of id.
func deviants(t *testing.T, in, id string) []mention {
	breaks := regexp.MustCompile(`(?m)^breaks: \[(.*)\]`)
	says := regexp.MustCompile(`(?m)^says: "(.*)"`)
	return mentions(t, "../../fixtures/deviations/"+in+"*.yaml", func(_, text string) (string, bool) {
		b, s := breaks.FindStringSubmatch(text), says.FindStringSubmatch(text)
		return s[1], b != nil && slices.Contains(strings.Split(b[1], ", "), id)
	})
}

func mentions(t *testing.T, pattern string, of func(file, text string) (says string, ok bool)) []mention {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: nothing there: %v", pattern, err)
	}
	var all []mention
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if says, ok := of(file, string(text)); ok {
			all = append(all, mention{filepath.Base(file), says})
		}
	}
	return all
}

// scenarios are those tagged with id, in the order of the feature files.
func scenarios(t *testing.T, in, id string) []mention {
	t.Helper()
	tagged := regexp.MustCompile(`(?m)^ *(@.*)\n *Scenario(?: Outline)?: (.*)$`)
	var all []mention
	for _, f := range mentions(t, "../../features/"+in+"*.feature", func(_, text string) (string, bool) { return text, true }) {
		for _, m := range tagged.FindAllStringSubmatch(f.says, -1) {
			if slices.Contains(strings.Fields(m[1]), "@"+id) {
				all = append(all, mention{f.name, m[2]})
			}
		}
	}
	return all
}

// page is the page of r, but for what lists add to it.
func page(r Requirement, ex map[conformance.Verdict]example, adrs []mention) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# %s: %s\n", r.ID, r.Says)
	say("> %s\n", r.Clause)
	say("%s. Actor: %s. Level: %s; a breach is %s.%s\n", r.cited(), r.Actor, r.Level, severity(r), needed(r))
	say("| verdict | what has to be seen |\n|---|---|")
	open := "what was not seen, and could not be forced"
	if r.Verdicts.Open != "" {
		open = r.Verdicts.Open + "; " + open
	}
	say("| pass | %s |\n| %s | %s |\n| inconclusive | %s |\n", r.Verdicts.Pass, r.Severity, r.Verdicts.Fail, open)
	if r.Verdicts.Note != "" {
		say("Note: %s.\n", r.Verdicts.Note)
	}
	if r.Actor == Client {
		say("A Device is never judged by it: not-applicable.\n")
	}
	for _, a := range courses() {
		if slices.Contains(a.spokenOf(), r.ID) {
			b.WriteString(drawn(a, r.ID))
		}
	}
	if len(ex) > 0 {
		say("## Examples\n\nEach is judged by a test. A line is a message of the Client or what came of it; the notation is that of conformance/script.\n")
	}
	for _, v := range []conformance.Verdict{conformance.Pass, conformance.Fail, conformance.Warn, conformance.Inconclusive, conformance.NotApplicable} {
		if e, ok := ex[v]; ok {
			say("### %s\n\n%s\n\n```\n%s\n----\n%s\n```\n", v, e.says, strings.TrimSpace(e.script), e.judged)
		}
	}
	if len(adrs) > 0 {
		say("## Readings\n")
		for _, a := range adrs {
			say("- [%s](../adr/%s)", a.says, a.name)
		}
		say("")
	}
	return b.String()
}

// cited is where the sentence of r is from.
func (r Requirement) cited() string {
	if r.Edition == OCF10 {
		return "seed.txt " + strings.ReplaceAll(r.Lines, " ", ", ")
	}
	return "Judged by " + r.Edition + " and later ones; " + edition.Of(r.Edition).Mark
}

func severity(r Requirement) string {
	if r.Severity == conformance.Warn {
		return "a warning"
	}
	return "a fail"
}

func needed(r Requirement) string {
	if r.Needs.Bench == "" {
		return ""
	}
	return " Needs: " + r.Needs.Bench + "."
}

// drawn is what a says of id: the picture, and the same in words.
func drawn(a Automaton, id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## The course\n\n%s. ✓ is a step that witnesses %s where it is seen, ✗ one that breaks it.\n\n```mermaid\n%s```\n\n", a.Title, id, a.Mermaid(id))
	b.WriteString("| from | on | to | |\n|---|---|---|---|\n")
	cell := func(name string) string {
		s := a.stateNamed(name)
		return fmt.Sprintf("%s (tm=%v cm=%v)", s.Name, s.TM, s.CM)
	}
	for _, e := range a.Edges {
		mark := ""
		switch {
		case slices.Contains(e.Witness, id):
			mark = "pass"
		case slices.Contains(e.Breach, id):
			mark = "breach"
		case len(e.Breach) > 0:
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(e.From), e.On, cell(e.To), mark)
	}
	b.WriteString("\n")
	return b.String()
}

// lists is the end of a page: what is made elsewhere, and grows there.
func lists(in string, scenarios, deviants []mention) string {
	var b strings.Builder
	b.WriteString("## Scenarios and deviations\n\n")
	for _, s := range scenarios {
		fmt.Fprintf(&b, "- scenario [%s](../../features/%s)\n", s.says, in+s.name)
	}
	for _, d := range deviants {
		name := strings.TrimSuffix(d.name, ".yaml")
		fmt.Fprintf(&b, "- broken by [%s](../../fixtures/deviations/%s): %s\n", name, in+d.name, d.says)
	}
	if len(scenarios)+len(deviants) == 0 {
		b.WriteString("None: see the reason above.\n")
	}
	return b.String()
}

// inOrder are all, those of the first edition first.
func inOrder(all []Requirement) []Requirement {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Requirement) int { return strings.Compare(a.Edition, b.Edition) })
	return all
}

// index is the page of the pages.
func index(all []Requirement) string {
	var b strings.Builder
	b.WriteString(`# The requirements, one page each

The testable sentences of the seed: the clause, what is pass, fail and inconclusive, the course that a Device takes, examples that
are judged by a test, the readings of what is ambiguous, the scenarios that exercise it and the deviations that break it. The
pages are written by ` + "`go generate ./conformance/judge`" + `; what they say of judging is held to the judges by tests.

| id | level | needs | |
|---|---|---|---|
`)
	of := OCF10
	for _, r := range inOrder(all) {
		if r.Edition != of {
			of = r.Edition
			e := edition.Of(of)
			fmt.Fprintf(&b, "\n## Added by %s\n\n%s. [Editions](../guide/editions.md) says what differs.\n\n| id | level | needs | |\n|---|---|---|---|\n", of, strings.ToUpper(e.Mark[:1])+e.Mark[1:])
		}
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", r.ID, r.ID, r.Level, r.Needs.Bench, r.Says)
	}
	return b.String()
}

// The pages are what their sources say. Their last section is only held to name
// what there is: a new scenario or deviation need not be entered at once.
func TestPagesOfTheRequirements(t *testing.T) {
	rewrite := flag.Lookup("rewrite").Value.String() == "true"
	all := Every()
	check := func(name, want, tail string) {
		file := filepath.Join(pages, name)
		if rewrite {
			if err := os.WriteFile(file, []byte(want+tail), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if body, _, _ := strings.Cut(string(got), "## Scenarios and deviations"); err != nil || body != want {
			t.Errorf("%s is not what its sources say (%v): go generate ./conformance/judge", file, err)
		}
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(got), -1) {
			if _, err := os.Stat(filepath.Join(pages, link[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if rewrite {
		if err := os.MkdirAll(pages, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range all {
		check(r.ID+".md", page(r, examples(t, r), readings(t, r.ID)), r.lists(t))
	}
	check("README.md", index(all), "")
	if files, err := os.ReadDir(pages); err != nil || len(files) != len(all)+1 {
		t.Errorf("%d files of pages, want %d: %v", len(files), len(all)+1, err)
	}
}

// lists is the end of the page of r.
func (r Requirement) lists(t *testing.T) string {
	t.Helper()
	in := ""
	if r.folder() != "" {
		in = r.folder() + "/"
	}
	return lists(in, scenarios(t, in, r.ID), deviants(t, in, r.ID))
}

// Every requirement that a Device can break is shown broken, and kept.
func TestEveryPageHasExamples(t *testing.T) {
	for _, r := range Requirements() {
		e := examples(t, r)
		if r.Actor == Client {
			continue
		}
		if e[conformance.Pass].script == "" {
			t.Errorf("%s: no example of a pass", r.ID)
		}
		if e[conformance.Fail].script == "" && e[conformance.Warn].script == "" {
			t.Errorf("%s: no example of a breach", r.ID)
		}
	}
}
