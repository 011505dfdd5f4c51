package assess

import (
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// Sentence is what the reader of a Report is told of a requirement.
type Sentence struct {
	ID       string
	Clause   string // quoted from the seed
	Lines    string // of the seed: "33-34 69-71"
	Place    string // in the standard: "15.4.3 Software Version Validation"
	Actor    judge.Actor
	Level    judge.Level
	Says     string // the sentence in short
	Needs    string // what a scenario has to arrange to see it kept; "" for nothing
	PassIf   string
	FailIf   string
	Identity bool // it speaks of who a Client is: only a secured target is judged by it
}

// Sentences are those of all requirements of all editions, in the order of a Report's rows. The
// slice is the caller's.
func Sentences() []Sentence { return sentences(judge.Every()) }

// SentencesIn are those of the requirements of an edition, in the same order.
func SentencesIn(id string) []Sentence { return sentences(judge.Of(edition.Of(id))) }

func sentences(of []judge.Requirement) []Sentence {
	var all []Sentence
	for _, q := range of {
		all = append(all, Sentence{
			ID: q.ID, Clause: q.Clause, Lines: q.Lines, Place: sources()[q.ID].place(), Actor: q.Actor, Level: q.Level,
			Says: q.Says, Needs: q.Needs.Bench, PassIf: q.Verdicts.Pass, FailIf: q.Verdicts.Fail,
			Identity: q.Needs.Target.Has(judge.Identity),
		})
	}
	return all
}
