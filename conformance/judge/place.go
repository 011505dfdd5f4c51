package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/edition"
)

// Document is the standard that the edition's seed is an extract of. The extract names no
// version; that it is of the generation of 1.0.0 follows from its sections, tables and bits.
const Document = "OCF Security Specification, generation of 1.0.0 (2017)"

// Place is where in the Document a sentence stands.
type Place struct {
	Section string // "15.4.3 Software Version Validation"; several are separated by semicolons
	Table   string // "Table 40"; "" where it stands in none
}

// String is the place in one line: "13.6 Provisioning Status Resource, Table 40".
func (p Place) String() string {
	if p.Table == "" {
		return p.Section
	}
	return p.Section + ", " + p.Table
}

// part is a part of seed.txt that has a name, from its first line to its last.
type part struct {
	from, to int
	name     string
}

// sections are those of the seed. It numbers 15.4.5 and 13.6; the numbers of the four before
// 15.4.5 follow from their order.
func sections() []part {
	return []part{
		{1, 11, "15.4.1 Overview"},
		{12, 25, "15.4.2 Recognition of Current Differences"},
		{26, 42, "15.4.3 Software Version Validation"},
		{43, 55, "15.4.4 Software Update"},
		{56, 72, "15.4.5 Recommended Usage"},
		{73, 107, "13.6 Provisioning Status Resource"},
	}
}

// tables are those of the seed, each with its caption, which stands below it.
func tables() []part {
	return []part{{79, 83, "Table 39"}, {84, 106, "Table 40"}}
}

// Place is where the sentence of r stands.
func (r Requirement) Place() Place {
	if e := edition.Of(r.Edition); e != edition.First() {
		return Place{Section: e.Document + ": " + e.Mark}
	}
	return Place{
		Section: strings.Join(partsOf(r.Lines, sections()), "; "),
		Table:   strings.Join(partsOf(r.Lines, tables()), "; "),
	}
}

// partsOf are the names of the parts that lines, as "33-34 69-71", are in.
func partsOf(lines string, parts []part) []string {
	var names []string
	for span := range strings.FieldsSeq(lines) {
		from, to, err := parseSpan(span)
		if err != nil {
			return nil
		}
		for _, p := range parts {
			if from <= p.to && to >= p.from && !slices.Contains(names, p.name) {
				names = append(names, p.name)
			}
		}
	}
	return names
}

// parseSpan reads "33-34", or "35" for the one line.
func parseSpan(span string) (from, to int, err error) {
	if !strings.Contains(span, "-") {
		span += "-" + span
	}
	_, err = fmt.Sscanf(span, "%d-%d", &from, &to)
	return from, to, err
}
