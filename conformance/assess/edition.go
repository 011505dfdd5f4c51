package assess

import (
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// edition is the one that r is judged by.
func (r Run) edition() *edition.Edition { return edition.Of(r.Edition) }

// renamed are the scenarios of r with Timelines that name its edition: judges go by
// what the Timeline says.
func (r Run) renamed() []conformance.ScenarioRun {
	all := slices.Clone(r.Scenarios)
	for i := range all {
		all[i].Timeline.Header.Edition = r.Edition
	}
	return all
}

// document is the standard that the edition is of.
func (r Run) document() string {
	if e := r.edition(); e != edition.First() {
		return e.Document
	}
	return judge.Document
}

// editionNotes are what a reader has to know of the edition beside every verdict: that
// it is not verified, that the target file declares another one, and that the Device
// says that it is of another one.
func (r Run) editionNotes() []string {
	e := r.edition()
	var notes []string
	if e.Mark != "" {
		notes = append(notes, e.ID+": "+e.Mark)
	}
	if declared := r.Target.Edition; declared != "" && declared != r.Edition {
		notes = append(notes, fmt.Sprintf("judged by %s as asked for, though the target file says edition: %s", r.Edition, declared))
	}
	if note := Mismatch(e, r.Target.ICV); note != "" {
		notes = append(notes, note)
	}
	return notes
}

// Mismatch says that a Device with this icv calls itself one of another edition than e;
// "" where it does not, and where it says nothing.
func Mismatch(e *edition.Edition, icv string) string {
	if icv == "" || e.Matches(icv) {
		return ""
	}
	says := fmt.Sprintf("the Device says that it is of another edition (icv %s) than %s, by which it is judged", icv, e.ID)
	if other, ok := edition.ByICV(icv); ok {
		says += ": --edition " + other.ID + " judges it by its own"
	}
	return says
}
