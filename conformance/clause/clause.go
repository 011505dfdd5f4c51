// Package clause maps requirements to what other standards and laws ask of software update:
// ETSI EN 303 645, the IXIT of ETSI TS 103 701 and the EU's Cyber Resilience Act. The map is
// our reading, not that of their authors, and no verdict of ours is one of theirs.
package clause

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

// Reading is said wherever the map is shown.
const Reading = "our reading, not the standard's"

// Document is a standard or a law.
type Document struct {
	ID      string   `json:"id"`    // in short: "EN 303 645"
	Title   string   `json:"title"` // with its version, and the part that is read
	Clauses []Clause `json:"clauses"`
}

// Clause is what a Document asks in one place.
type Clause struct {
	ID           string   `json:"id"`   // "5.3-5"
	Says         string   `json:"says"` // in our words
	Requirements []string `json:"requirements"`
	Shows        string   `json:"shows"` // what their verdicts show of it; "" where none bears on it
	Open         string   `json:"open"`  // what they do not show
}

// Ref names a clause: "EN 303 645 5.3-5".
type Ref struct{ Document, Clause string }

// String is the name.
func (r Ref) String() string { return r.Document + " " + r.Clause }

//go:embed clauses.json
var text []byte

// read parses the map once. It is part of the program, and a test reads it: that it can't be
// parsed is impossible.
var read = sync.OnceValue(func() []Document {
	var all []Document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&all); err != nil {
		panic("conformance/clause: clauses.json: " + err.Error())
	}
	return all
})

// Documents are all that is mapped. The slice is the caller's; what is in it is not to be
// changed.
func Documents() []Document { return slices.Clone(read()) }

// Of are the clauses that the requirement bears on, in the order of the Documents.
func Of(requirement string) []Ref {
	var all []Ref
	for _, d := range read() {
		for _, c := range d.Clauses {
			if slices.Contains(c.Requirements, requirement) {
				all = append(all, Ref{d.ID, c.ID})
			}
		}
	}
	return all
}
