package sim

import (
	"fmt"
	"iter"
	"slices"
)

// quirk is one way in which a Device differs from the reference. A quirk is one
// declaration, in the file that is named for what it bends, and stands nowhere
// else: the vocabulary of fixtures and every list of quirks come from here.
//
// A lawful quirk reads an ambiguous sentence another way and is part of
// Variants; any other breaks a requirement and is part of Deviations.
type quirk struct {
	name   string       // the word that fixtures use
	knob   string       // quirks of one knob exclude each other
	says   string       // what the Device does instead of the reference's way
	lawful bool         // whether the standard allows it
	bend   func(*bends) // the hooks that it is added to
}

// quirks is every quirk in the order of declaration. In this order hooks ask
// them, and random Devices are drawn from them.
func quirks() iter.Seq[*quirk] {
	groups := [...][]quirk{
		writeQuirks, bitQuirks, propertyQuirks, payloadQuirks,
		excursionQuirks, processQuirks, sourceQuirks, endQuirks, dosQuirks, historyQuirks,
		tellQuirks, shellQuirks, encodingQuirks, accessQuirks, entryQuirks, dropQuirks,
	}
	return func(yield func(*quirk) bool) {
		for _, group := range groups {
			for i := range group {
				if !yield(&group[i]) {
					return
				}
			}
		}
	}
}

// Quirk is a quirk as people read of it.
type Quirk struct {
	Name   string // in fixtures
	Knob   string // quirks of one knob exclude each other
	Says   string // one sentence: what the Device does instead of the reference's way
	Lawful bool   // part of Variants; any other breaks a requirement
}

// Quirks lists every quirk, in the order in which they are declared.
func Quirks() []Quirk {
	var list []Quirk
	for q := range quirks() {
		list = append(list, Quirk{q.name, q.knob, q.says, q.lawful})
	}
	return list
}

// LawfulQuirks lists the words that Variants are made of.
func LawfulQuirks() []string { return quirkNames(true) }

// DeviantQuirks lists the words that break a requirement.
func DeviantQuirks() []string { return quirkNames(false) }

func quirkNames(lawful bool) []string {
	var names []string
	for q := range quirks() {
		if q.lawful == lawful {
			names = append(names, q.name)
		}
	}
	return names
}

// findQuirk finds a quirk by its name.
func findQuirk(name string) (*quirk, error) {
	for q := range quirks() {
		if q.name == name {
			return q, nil
		}
	}
	return nil, fmt.Errorf("unknown quirk %q", name)
}

// Compatible reports whether one Device can have all of the quirks named.
func Compatible(names []string) bool { return new(choice).merge(names) == nil }

// choice is the quirks that a Device has, at most one of each knob.
type choice []*quirk

// merge adds the quirks named in names to c. A name takes the place of another
// quirk of the same knob that an earlier merge added; within names that is an error.
func (c *choice) merge(names []string) error {
	var added choice
	for _, name := range names {
		q, err := findQuirk(name)
		if err != nil {
			return err
		}
		for _, other := range added {
			if other != q && other.knob == q.knob {
				return fmt.Errorf("quirks %q and %q exclude each other", other.name, name)
			}
		}
		added = append(added, q)
		*c = slices.DeleteFunc(*c, func(other *quirk) bool { return other.knob == q.knob })
		*c = append(*c, q)
	}
	return nil
}

// bends is the hooks with what the quirks of c add to them, in the order of
// their declaration.
func (c choice) bends() *bends {
	b := new(bends)
	for q := range quirks() {
		if slices.Contains(c, q) {
			q.bend(b)
		}
	}
	return b
}
