package exam

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/fixtures"

	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Matrix says which Device turned which requirement red.
type Matrix struct {
	Outcomes  []Result
	Scenarios int
	Of        int // how many scenarios there are; 0 for no more
}

// Alone are the deviants that only this requirement catches.
func (m Matrix) Alone(requirement string) []string {
	var names []string
	for _, o := range m.Outcomes {
		if o.Kind == Deviant && len(o.Red) == 1 && o.caught(requirement) {
			names = append(names, o.Name)
		}
	}
	return names
}

// Caught are the deviants that the requirement catches.
func (m Matrix) Caught(requirement string) []string {
	var names []string
	for _, o := range m.Outcomes {
		if o.Kind == Deviant && o.caught(requirement) {
			names = append(names, o.Name)
		}
	}
	return names
}

// of are the outcomes of candidates of these kinds.
func (m Matrix) of(kinds ...Kind) []Result {
	var some []Result
	for _, o := range m.Outcomes {
		if slices.Contains(kinds, o.Kind) {
			some = append(some, o)
		}
	}
	return some
}

// judged are the requirements that a Device can break.
func judged() []judge.Requirement {
	return slices.DeleteFunc(judge.Requirements(), func(r judge.Requirement) bool { return r.Actor == "client" })
}

// Markdown writes m as a page. It depends on verdicts alone, so that the page
// of the same suite is the same everywhere.
func (m Matrix) Markdown(w io.Writer) error {
	var b strings.Builder
	deviants, compliant := m.of(Deviant), m.of(Variant, Behaviour)
	killed := 0
	for _, o := range deviants {
		if o.Killed() {
			killed++
		}
	}
	fmt.Fprintf(&b, "# The suite, examined\n\n"+
		"Written by `ocfsim deviants --out reports/deviants`; do not edit. %d scenarios were run in virtual time against each of %d deviant\n"+
		"Devices, of which %d were caught for what they do wrong, and each of %d compliant Devices, of which %d turned a requirement red.\n"+
		"%d known deviations are not among them: no scenario finds them (see Not examined).\n\n",
		m.Scenarios, len(deviants), killed, len(compliant), len(slices.DeleteFunc(slices.Clone(compliant), Result.Right)), len(explored()))
	m.requirements(&b)
	m.deviants(&b, deviants)
	m.compliant(&b, compliant)
	b.WriteString(unexamined())
	_, err := io.WriteString(w, b.String())
	return err
}

// unexamined says which known bugs the exam does not try.
func unexamined() string {
	return `
## Not examined

Bugs of Devices of another edition, such as those of oic.r.softwareupdate, which ocf-1.0 does not have: ` + "`ocfsim deviants --edition ocf-2.2`" + `
tries them.

Deviations that no scenario finds, because none is written for them: ` + strings.Join(explored(), ", ") + `.
Only the walks of ` + "`ocfsim explore`" + ` find them.
`
}

// explored are the names of the deviations that only walks find.
func explored() []string {
	var names []string
	for _, d := range fixtures.Deviations() {
		if d.Explored {
			names = append(names, d.Name)
		}
	}
	return names
}

func (m Matrix) requirements(b *strings.Builder) {
	b.WriteString("## Requirements\n\n" +
		"A requirement is proven by a deviant that no other requirement catches. If there is none, the reason is given instead.\n\n" +
		"| requirement | caught by | it alone catches |\n|---|---|---|\n")
	for _, r := range judged() {
		alone := strings.Join(m.Alone(r.ID), ", ")
		if alone == "" {
			alone = "none: " + r.NotAlone
		}
		fmt.Fprintf(b, "| %s %s | %d | %s |\n", r.ID, cell(r.Says), len(m.Caught(r.ID)), cell(alone))
	}
}

func (m Matrix) deviants(b *strings.Builder, deviants []Result) {
	b.WriteString("\n## Deviant Devices\n\n" +
		"What each does wrong, the requirements that this breaks, those that turn red as a consequence, and the scenario that showed it first.\n\n" +
		"| deviant | does | breaks | as a consequence | shown by |\n|---|---|---|---|---|\n")
	for _, o := range deviants {
		first := ""
		for _, c := range o.Red {
			if first == "" && slices.Contains(o.Breaks, c.Requirement) {
				first = c.Finding.Scenario
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", o.Name, cell(o.Says), marks(o, o.Breaks), marks(o, o.Also)+extra(o), first)
	}
}

func (m Matrix) compliant(b *strings.Builder, compliant []Result) {
	b.WriteString("\n## Compliant Devices\n\nThey read sentences in other ways, or play other courses of events. None may turn a requirement red.\n\n" +
		"| Device | does | red |\n|---|---|---|\n")
	for _, o := range compliant {
		fmt.Fprintf(b, "| %s | %s | %s |\n", o.Name, cell(o.Says), strings.TrimSpace(extra(o)))
	}
}

// marks lists ids; those that should have turned red and did not are struck through.
func marks(o Result, ids []string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = id
		if !o.caught(id) {
			parts[i] = "~~" + id + "~~ **missed**"
		}
	}
	return strings.Join(parts, " ")
}

// extra lists the requirements that turned red though they were not declared.
func extra(o Result) string {
	text := ""
	for _, id := range o.Undeclared {
		text += " **" + id + " undeclared**"
	}
	if o.Err != nil {
		text += " **error: " + cell(o.Err.Error()) + "**"
	}
	return text
}

// cell is text with what would break a table escaped.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}
