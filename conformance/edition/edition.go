// Package edition says what each edition of the standard demands of software update,
// as far as editions differ: which bits request a process, what a check is, what a move
// of dos clears, whom an access rule lets in.
//
// An Edition is data. It selects requirements and sets their parameters, and contains no
// rule: rules are in package judge, which is given the Edition that the record names. The
// files are fixtures/editions/*.yaml; docs/guide/editions.md shows them side by side.
package edition

import (
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// The editions that the harness judges by.
const (
	OCF10 = "ocf-1.0" // the one that the seed is an extract of; it is frozen
	OCF22 = "ocf-2.2"
)

// Evidence is how a point is known.
type Evidence string

// The kinds of evidence. What is known from memory alone was not checked.
const (
	Seed    Evidence = "seed"
	Schema  Evidence = "schema"
	Code    Evidence = "code"
	Derived Evidence = "derived" // it follows from what was read
	Memory  Evidence = "memory"
)

// Verified reports whether somebody has read what the point is about.
func (e Evidence) Verified() bool { return e != Memory && e != "" }

// Point is one thing that an edition says.
type Point[T any] struct {
	Is   T        `yaml:"is"`
	By   Evidence `yaml:"by"`
	Says string   `yaml:"says"` // why, and where it is read; "" where nothing needs to be said
}

// Edition is one edition of the standard. Those that this package returns are shared and
// must not be changed.
type Edition struct {
	ID        string                   `yaml:"id"`
	Title     string                   `yaml:"title"`
	Document  string                   `yaml:"document"`
	Mark      string                   `yaml:"mark"` // stands beside every verdict by this edition; "" for nothing
	ICV       string                   `yaml:"icv"`  // what icv of /oic/d begins with: "ocf.2.2."
	DPMType   DPMType                  `yaml:"dpmtype"`
	Update    Update                   `yaml:"update"`
	DOS       DOS                      `yaml:"dos"`
	Pstat     Pstat                    `yaml:"pstat"`
	Access    Access                   `yaml:"access"`
	Resources map[string]Point[string] `yaml:"resources"` // by path or type: "required", "optional" or "absent"
	SWUpdate  SWUpdate                 `yaml:"swupdate"`
	Scenarios map[string]string        `yaml:"scenarios"` // of the first edition, which this one contradicts, and why
}

// DPMType is what tm and cm are.
type DPMType struct {
	Width     Point[int] `yaml:"width"`      // bits
	SchemaMax Point[int] `yaml:"schema-max"` // the largest value that the published schema allows
	Bits      Bits       `yaml:"bits"`
}

// Bits are the processes, each with its bit in tm and cm; 0 where the edition has none.
type Bits struct {
	V Point[int] `yaml:"V"` // Initiate Software Version Validation
	U Point[int] `yaml:"U"` // Initiate Secure Software Update
	N Point[int] `yaml:"N"` // Initiate Software Availability Check
}

// Update is what a check and an update are.
type Update struct {
	Validation  Point[string] `yaml:"validation"`   // what V asks for: "availability" or "download"
	StartClears Point[string] `yaml:"start-clears"` // "either", "literal", "corrected" or "both"
	Keeps       Point[string] `yaml:"keeps"`        // what it is worth if an update loses who owns the Device: "warn" or "fail"
}

// DOS is what the device states do to updates.
type DOS struct {
	EntryClears Point[bool]   `yaml:"entry-clears-update-bits"` // a Client that moves dos ends what is pending
	Pending     Point[string] `yaml:"pending"`                  // what the schema says of dos.p
}

// Pstat is how the resource /oic/sec/pstat is talked to.
type Pstat struct {
	Methods     Point[[]string] `yaml:"methods"`
	Interfaces  Point[[]string] `yaml:"interfaces"` // those that it has to have
	Default     Point[string]   `yaml:"default-interface"`
	PostAnswers Point[[]string] `yaml:"post-answers"`
}

// Access is whom the Device lets in to pstat.
type Access struct {
	PlainCoAP Point[string]   `yaml:"plain-coap"` // "acl": the ACL decides without a session too; "deny": nobody is let in
	ConnType  Point[bool]     `yaml:"conntype"`   // an ACE for a kind of connection counts
	Wildcard  Point[bool]     `yaml:"wildcard"`   // an ACE for a wildcard counts
	Implicit  Point[[]string] `yaml:"implicit"`   // who needs no ACE
	Denied    Point[[]string] `yaml:"denied"`     // codes
}

// SWUpdate is the resource oic.r.softwareupdate.
type SWUpdate struct {
	Present Point[string] `yaml:"present"` // "optional" or "absent"
}

// Processes are the bits that request a process.
func (e *Edition) Processes() ocf.DPM {
	b := e.DPMType.Bits
	return ocf.DPM(b.V.Is | b.U.Is | b.N.Is)
}

// Undefined are the bits of the high byte that the edition gives no meaning.
func (e *Edition) Undefined() ocf.DPM { return 0xff00 &^ e.Processes() }

// Letters is text with a letter for each process of e wherever it has a mask in the notation
// of ocf.DPM, which knows those of the first edition.
func (e *Edition) Letters(text string) string {
	if !e.Processes().Has(ocf.NSA) {
		return text
	}
	return ocf.Lettered(text)
}

// Downloads reports whether V fetches the package and validates it.
func (e *Edition) Downloads() bool { return e.Update.Validation.Is == "download" }

// Matches reports whether a Device with this icv says that it is of e: "ocf.2.2.5".
func (e *Edition) Matches(icv string) bool { return strings.HasPrefix(icv, e.ICV) }

// Has reports whether e has what was added by the edition with the id since.
func (e *Edition) Has(since string) bool {
	for _, x := range built() { // the oldest first
		if x.ID == since {
			return true
		}
		if x.ID == e.ID {
			break
		}
	}
	return false
}

// Named is the edition with this id; ok is false where there is none.
func Named(id string) (e *Edition, ok bool) {
	for _, e := range built() {
		if e.ID == id {
			return e, true
		}
	}
	return nil, false
}

// Of is the edition with this id, and the first one for an id that is not known here:
// records made before editions were named are of that.
func Of(id string) *Edition {
	if e, ok := Named(id); ok {
		return e
	}
	return First()
}

// First is the edition that the seed is an extract of.
func First() *Edition { return built()[0] }

// ByICV is the edition that a Device with this icv says it is of; ok is false where
// that is none of these.
func ByICV(icv string) (e *Edition, ok bool) {
	for _, e := range All() {
		if e.Matches(icv) {
			return e, true
		}
	}
	return nil, false
}

// IDs are the ids of all editions, the oldest first. The slice is the caller's.
func IDs() []string {
	var ids []string
	for _, e := range All() {
		ids = append(ids, e.ID)
	}
	return ids
}
