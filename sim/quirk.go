package sim

import (
	"fmt"
	"iter"
	"slices"
)

// quirk is one way in which a Device differs from the reference. Each quirk is one
// declaration, in the file that is named for what the quirk bends, and it appears
// nowhere else: the vocabulary of the fixtures and every list of quirks derive from
// these declarations.
//
// A lawful quirk reads an ambiguous sentence in another way, and Variants are made
// of such quirks. Every other quirk breaks a requirement, and Deviations are made of
// those.
type quirk struct {
	name   string       // the word for it in fixtures
	knob   string       // quirks that share a knob exclude each other
	says   string       // what the Device does where the reference does something else
	lawful bool         // whether the standard allows it
	bend   func(*bends) // the hooks that it is added to
}

// quirks yields every quirk in the order of declaration. Hooks ask the quirks in
// this order, and random Devices draw their quirks from it.
func quirks() iter.Seq[*quirk] {
	groups := [...][]quirk{
		writeQuirks, bitQuirks, propertyQuirks, payloadQuirks,
		excursionQuirks, processQuirks, sourceQuirks, endQuirks, dosQuirks, historyQuirks,
		tellQuirks, shellQuirks, encodingQuirks, accessQuirks, entryQuirks, dropQuirks, ownQuirks, aftermathQuirks, brieflyQuirks,
		allowedQuirks, availabilityQuirks, scheduleQuirks, laterQuirks,
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

// Quirk describes a quirk to people.
type Quirk struct {
	Name   string // the word for it in fixtures
	Knob   string // quirks that share a knob exclude each other
	Says   string // one sentence: what the Device does where the reference does something else
	Lawful bool   // Variants may have it; any other quirk breaks a requirement
}

// Quirks returns every quirk, in the order of declaration.
func Quirks() []Quirk {
	var list []Quirk
	for q := range quirks() {
		list = append(list, Quirk{q.name, q.knob, q.says, q.lawful})
	}
	return list
}

// LawfulQuirks returns the names of the quirks that Variants are made of.
func LawfulQuirks() []string { return quirkNames(true) }

// DeviantQuirks returns the names of the quirks that break a requirement.
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

// Compatible reports whether one Device can have all of the named quirks.
func Compatible(names []string) bool { return new(choice).merge(names) == nil }

// choice is the quirks that a Device has, at most one for each knob.
type choice []*quirk

// merge adds the quirks that names lists to c. A quirk replaces another one of the
// same knob that an earlier call added; two of the same knob within names are an
// error.
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

// bends builds the hooks from the quirks of c, in the order in which the quirks are
// declared.
func (c choice) bends() *bends {
	b := new(bends)
	for q := range quirks() {
		if slices.Contains(c, q) {
			q.bend(b)
		}
	}
	return b
}
