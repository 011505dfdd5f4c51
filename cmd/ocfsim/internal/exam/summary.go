package exam

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Summary writes m for a terminal: a line for each deviant, and one for each
// compliant Device that turned something red or could not be tried.
func (m Matrix) Summary(w io.Writer) error {
	var b strings.Builder
	deviants, compliant := m.of(Deviant), m.of(Variant, Behaviour)
	width := 0
	for _, o := range m.Outcomes {
		width = max(width, len(o.Name))
	}
	for _, o := range deviants {
		fmt.Fprintf(&b, "%-9s %-*s  %s\n", word(o), width, o.Name, details(o))
	}
	for _, o := range compliant {
		if !o.Right() {
			fmt.Fprintf(&b, "%-9s %-*s  %s\n", word(o), width, o.Name, details(o))
		}
	}
	killed, exact, peace, failed := 0, 0, 0, 0
	for _, o := range m.Outcomes {
		switch {
		case o.Err != nil:
			failed++
		case o.Kind != Deviant && o.Right():
			peace++
		case o.Kind == Deviant && o.Killed():
			killed++
			if o.Right() {
				exact++
			}
		}
	}
	fmt.Fprintf(&b, "\n%s against each Device\n%d of %d deviants caught, %d of them by exactly the requirements declared\n"+
		"%d of %d compliant Devices turned nothing red\n",
		m.scenarios(), killed, len(deviants), exact, peace, len(compliant))
	if failed > 0 {
		fmt.Fprintf(&b, "%d could not be tried\n", failed)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// scenarios says how many scenarios were run, and of how many where not all were: a
// deviant that survives a selection may be caught by the rest.
func (m Matrix) scenarios() string {
	if m.Scenarios < m.Of {
		return fmt.Sprintf("SELECTION: %d of %d scenarios", m.Scenarios, m.Of)
	}
	return ocf.Count(m.Scenarios, "scenario")
}

// word says in a word or two how o ended.
func word(o Result) string {
	switch {
	case o.Err != nil:
		return "error"
	case o.Kind != Deviant && !o.Right():
		return "accused"
	case o.Kind != Deviant:
		return "in peace"
	case !o.Killed():
		return "SURVIVED"
	case !o.Right():
		return "inexact"
	}
	return "caught"
}

// details lists the requirements that turned red, beginning with those that the
// deviant is declared to break.
func details(o Result) string {
	if o.Err != nil {
		return strings.TrimSpace(strings.SplitN(o.Err.Error(), "\n", 2)[0])
	}
	var parts []string
	for _, id := range o.Breaks {
		if o.caught(id) {
			parts = append(parts, id)
		}
	}
	for _, c := range o.Red {
		if !slices.Contains(o.Breaks, c.Requirement) && !slices.Contains(o.Undeclared, c.Requirement) {
			parts = append(parts, "("+c.Requirement+")")
		}
	}
	for _, id := range o.Undeclared {
		parts = append(parts, "+"+id+" undeclared")
	}
	for _, id := range o.Missed {
		word := "missed"
		if slices.Contains(o.Escaped, id) {
			word = "missed (passes)"
		}
		parts = append(parts, "-"+id+" "+word)
	}
	return strings.Join(parts, " ")
}
