package assess

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Sentence is what the reader of a Report is told of a requirement.
type Sentence struct {
	ID       string
	Clause   string // quoted from the seed
	Lines    string // of the seed: "33-34 69-71"
	Actor    string // who has to keep it: device or client
	Level    judge.Level
	Says     string // the sentence in short
	Needs    string // what a scenario has to arrange to see it kept; "" for nothing
	PassIf   string
	FailIf   string
	Identity bool // it speaks of who a Client is: only a secured target is judged by it
}

// Sentences are those of all requirements, in the order of a Report's rows. The
// slice is the caller's.
func Sentences() []Sentence {
	open := conformance.Profile{Supports: conformance.Supports{Validation: true, Update: true}}
	secured := open
	secured.Secured = true
	var all []Sentence
	for _, q := range judge.Requirements() {
		all = append(all, Sentence{
			ID: q.ID, Clause: q.Clause, Lines: q.Lines, Actor: q.Actor, Level: q.Level,
			Says: q.Says, Needs: q.Needs, PassIf: q.PassIf, FailIf: q.FailIf,
			Identity: q.Excluded(open) != "" && q.Excluded(secured) == "",
		})
	}
	return all
}
