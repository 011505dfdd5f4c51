//go:build linux

package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// measured is a row with its results.
type measured struct {
	row
	results results
}

// report is a whole run.
type report struct {
	machine  machine
	settings settings
	product  string // version of the product
	others   []string
	rows     []measured
}

// number writes a figure with three significant digits, thousands apart.
func number(v float64) string {
	if math.Abs(v) >= 1000 {
		digits := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
		return digits
	}
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', max(0, 2-int(math.Floor(math.Log10(math.Abs(v))))), 64)
}

// loadedBefore is the load average from which on the machine was not quiet when a run began.
const loadedBefore = 0.5

// markdown writes the run as a page.
func (p *report) markdown(w io.Writer) {
	fmt.Fprint(w, `# Benchmarks

This page is what one run of `+"`go run -C .ci/tools ./bench -docs`"+` has measured, with everything of a table side by side and in turns. Ratios hold on other
machines, times do not. `+"`-only get,post`"+` measures some rows, `+"`-list`"+` names them, and without `+"`-docs`"+` the tables are shown and nothing is written.
The samples are in [benchmarks.txt](benchmarks.txt), in the form that benchstat reads.

## The machine

| | |
|---|---|
`)
	m := p.machine
	fmt.Fprintf(w, "| processors | %d × %s |\n| memory | %s GB |\n| kernel | %s |\n| Go | %s |\n", m.cpus, m.cpu, number(m.memory/1e9), m.kernel, m.goes)
	fmt.Fprintf(w, "| ocfsim | %s |\n", p.product)
	for _, o := range p.others {
		fmt.Fprintf(w, "| beside it | %s |\n", o)
	}
	load := number(m.load)
	if m.load > loadedBefore {
		load += ": **the machine was not quiet**, which puts every figure here in doubt"
	}
	fmt.Fprintf(w, "| load average before | %s |\n", load)
	fmt.Fprintf(w, "| rounds | %d, of %v where a time is needed; the figures are medians |\n\n", p.settings.rounds, p.settings.span)
	p.goals(w)
	for i := range p.rows {
		p.rows[i].markdown(w)
	}
}

// goals writes what was to be reached and what was.
func (p *report) goals(w io.Writer) {
	fmt.Fprint(w, "## Goals\n\n| what | goal | measured | reached |\n|---|---|---|---|\n")
	for i := range p.rows {
		m := &p.rows[i]
		for _, g := range m.goals {
			shown, reached := "not measured", "-"
			if v, ok := m.results.value(&m.row, g.subject, g.unit); ok {
				shown, reached = m.figure(g.unit, v), "no"
				if g.reached(v) {
					reached = "yes"
				}
				if m.results.invalid[g.subject] != "" {
					reached = "invalid"
				}
				if m.results.crowd.loaded() {
					reached += ", loaded"
				}
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", g.what, m.wanted(g), shown, reached)
		}
	}
	fmt.Fprintln(w)
}

// wanted is a goal in words.
func (w *row) wanted(g goal) string {
	if g.none {
		return "none"
	}
	if g.most != 0 {
		return "at most " + w.figure(g.unit, g.most)
	}
	return "at least " + w.figure(g.unit, g.least)
}

// figure writes a value of a unit of the row, or of a ratio.
func (w *row) figure(name string, v float64) string {
	for _, u := range w.units {
		if u.name == name {
			return strings.TrimSpace(number(u.scaled(v)) + " " + u.shown)
		}
	}
	return number(v)
}

// markdown writes the section of a row.
func (m *measured) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", m.title, m.says)
	r := &m.results
	if r.crowd.loaded() {
		fmt.Fprintf(w, "**Loaded**: %v.\n\n", r.crowd)
	}
	head, line := "| |", "|---|"
	for _, u := range m.units {
		head, line = head+" "+u.head+" |", line+"---|"
	}
	for _, by := range m.ratios {
		head, line = head+" "+by.head+" |", line+"---|"
	}
	fmt.Fprintf(w, "%s\n%s\n", head, line)
	for _, s := range r.subjects() {
		m.line(w, s)
	}
	fmt.Fprintln(w)
	for _, subject := range slices.Sorted(maps.Keys(r.invalid)) {
		fmt.Fprintf(w, "* **Invalid**: %s: %s.\n", subject, r.invalid[subject])
	}
	for _, why := range r.missing {
		fmt.Fprintf(w, "* **Not measured**: %s.\n", why)
	}
	for _, text := range r.notes {
		fmt.Fprintf(w, "* %s\n", text)
	}
	if len(r.invalid)+len(r.missing)+len(r.notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, file := range r.plots {
		fmt.Fprintf(w, "![%s](%s)\n\n", m.title, file)
	}
}

// line writes what was measured of one subject.
func (m *measured) line(w io.Writer, subject string) {
	r := &m.results
	cell := func(v float64, ok bool) {
		if !ok {
			fmt.Fprint(w, " |")
			return
		}
		fmt.Fprintf(w, " %s |", number(v))
	}
	name := subject
	if r.invalid[subject] != "" {
		name += " (invalid)"
	}
	fmt.Fprintf(w, "| %s |", name)
	for _, u := range m.units {
		v, ok := r.median(subject, u.name)
		cell(u.scaled(v), ok)
	}
	for _, by := range m.ratios {
		cell(r.compare(subject, by))
	}
	fmt.Fprintln(w)
}

// benchstat writes the samples in the format of Go's benchmarks, a line for each.
func (p *report) benchstat(w io.Writer) {
	m := p.machine
	fmt.Fprintf(w, "goos: linux\npkg: github.com/ocfsim/ocfsim\ncpu: %s\nkernel: %s\ngo: %s\nocfsim: %s\nload-before: %.2f\n\n", m.cpu, m.kernel, m.goes, p.product, m.load)
	rates := map[string]bool{}
	for i := range p.rows {
		for _, u := range p.rows[i].units {
			if strings.HasSuffix(u.name, "/s") && !rates[u.name] {
				rates[u.name] = true
				fmt.Fprintf(w, "Unit %s better=higher\n", u.name)
			}
		}
	}
	for i := range p.rows {
		r := &p.rows[i].results
		fmt.Fprintf(w, "\nothers: %.0f %%\nstolen: %.0f %%\n", 100*r.crowd.others, 100*r.crowd.stolen)
		for _, s := range r.samples {
			name := strings.ToUpper(p.rows[i].name[:1]) + p.rows[i].name[1:]
			fmt.Fprintf(w, "Benchmark%s/of=%s %d", name, strings.ReplaceAll(s.subject, " ", "_"), max(s.n, 1))
			for _, unit := range slices.Sorted(maps.Keys(s.values)) {
				fmt.Fprintf(w, " %s %s", strconv.FormatFloat(s.values[unit], 'g', 6, 64), unit)
			}
			fmt.Fprintln(w)
		}
	}
}
