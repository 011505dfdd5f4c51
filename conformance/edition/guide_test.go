package edition_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/edition"
)

const guide = "../../docs/guide/editions.md"

// The tables of the guide are what the files of the editions say. `-rewrite` makes them.
func TestTheGuideIsFresh(t *testing.T) {
	data, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	const from, upto = "<!-- from here on made of fixtures/editions -->\n", "<!-- up to here -->"
	before, rest, found := strings.Cut(string(data), from)
	_, after, ended := strings.Cut(rest, upto)
	if !found || !ended {
		t.Fatalf("%s has no place for the tables", guide)
	}
	want := before + from + tables() + upto + after
	if *rewrite {
		if err := os.WriteFile(guide, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(data) != want {
		t.Errorf("%s is not what the editions say: go run -C .ci/tools ./generate -only editions", guide)
	}
}

// point is a row of the guide: what one edition says of one thing.
type point struct {
	what, is, says string
	by             edition.Evidence
}

// tables are the points of all editions side by side, and what each rests on.
func tables() string {
	all := edition.All()
	var b strings.Builder
	b.WriteString("\n## What differs\n\n| |")
	for _, e := range all {
		fmt.Fprintf(&b, " %s |", e.ID)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(all)) + "\n")
	for i, p := range points(all[0]) {
		row, differs := "| "+p.what+" |", false
		for _, e := range all {
			q := points(e)[i]
			differs = differs || q.is != p.is
			row += " " + q.is + unless(q.by.Verified(), " (not verified)") + " |"
		}
		if differs {
			b.WriteString(row + "\n")
		}
	}
	for _, e := range all {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n| | | known by | |\n|---|---|---|---|\n", e.ID, strings.ToUpper(e.Title[:1])+e.Title[1:])
		for _, p := range points(e) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", p.what, p.is, p.by, p.says)
		}
		for _, id := range slices.Sorted(maps.Keys(e.Scenarios)) {
			fmt.Fprintf(&b, "\nScenario `%s` is left out: %s.\n", id, e.Scenarios[id])
		}
	}
	return b.String() + "\n"
}

func unless(ok bool, text string) string {
	if ok {
		return ""
	}
	return text
}

// points are all points of e, in an order that is the same for every edition.
func points(e *edition.Edition) []point {
	all := []point{
		row("bits of tm and cm", e.DPMType.Width),
		row("largest value by the schema", e.DPMType.SchemaMax),
		row("V, validation", e.DPMType.Bits.V),
		row("U, update", e.DPMType.Bits.U),
		row("N, availability check (0: not defined)", e.DPMType.Bits.N),
		row("what V asks for", e.Update.Validation),
		row("what the start of an update clears in cm", e.Update.StartClears),
		row("an update that loses owner or access rules", e.Update.Keeps),
		row("a Client's move of dos clears V, U and N", e.DOS.EntryClears),
		row("dos.p", e.DOS.Pending),
		row("methods of pstat", e.Pstat.Methods),
		row("interfaces of pstat", e.Pstat.Interfaces),
		row("default interface of pstat", e.Pstat.Default),
		row("answers to a POST", e.Pstat.PostAnswers),
		row("pstat without a session", e.Access.PlainCoAP),
		row("an ACE for a kind of connection opens pstat", e.Access.ConnType),
		row("an ACE for a wildcard opens pstat", e.Access.Wildcard),
		row("who needs no ACE", e.Access.Implicit),
		row("how a denied request is answered", e.Access.Denied),
		row("oic.r.softwareupdate", e.SWUpdate.Present),
	}
	for _, name := range slices.Sorted(maps.Keys(e.Resources)) {
		all = append(all, row(name, e.Resources[name]))
	}
	return all
}

// row is a point as the guide shows it.
func row[T any](what string, p edition.Point[T]) point {
	is := fmt.Sprint(p.Is)
	switch v := any(p.Is).(type) {
	case []string:
		is = strings.Join(v, ", ")
	case bool:
		is = map[bool]string{true: "yes", false: "no"}[v]
	}
	return point{what, is, p.Says, p.By}
}
