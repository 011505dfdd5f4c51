package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Concern is one thing that did not pass, for display in a terminal.
type Concern struct {
	// ID is the id of a requirement. If a scenario's own expectation was not met, and
	// no requirement is broken by that, it is the id of the scenario. For a waiver that has no
	// use, it is the name of the waiver. If the run as a whole has a verdict for a
	// reason of its own, ID is RunConcluded.
	ID      string
	Verdict conformance.Verdict
	// Also are the ids of further requirements that did not pass for the same cause.
	Also []string
	// Text is what Summary shows about the concern, without the leading empty line:
	// the sentence, what was wanted and what came, the evidence, and how to run the
	// scenario again.
	Text string
}

// RunConcluded is the ID of what went wrong with a run as a whole: the target could
// not be reached, the harness failed, the run was interrupted, or nothing was
// judged.
const RunConcluded = "run concluded"

// Red reports whether c makes the exit code of the run differ from 0. Warnings and
// waived failures do not.
func (c Concern) Red() bool {
	code, _ := Exit(c.Verdict)
	return code != 0
}

// Concerns returns everything that did not pass, the worst first, each with its
// evidence as far as the target's Timelines have it. Of style only Color and Width
// matter.
func Concerns(target Entry, style Style) []Concern {
	b := newBook(complete(target.Report), assess.SentencesOf(target.Report))
	var all []Concern
	if why := clean(target.Report.Reason); why != "" {
		all = append(all, Concern{ID: RunConcluded, Verdict: judged(target.Report.Verdict), Text: why + "\n"})
	}
	for _, c := range b.concerns(target.Rerun) {
		var out strings.Builder
		t := newText(&out, style)
		var x *fault
		if c.evident() {
			if found, ok := b.evidence(c, target.Timelines); ok {
				x = &found
			}
		}
		t.concern(c, x)
		_ = t.out.Flush() // a strings.Builder never fails
		all = append(all, Concern{ID: c.ID, Verdict: c.Verdict, Also: strings.Fields(names(c.Also)), Text: strings.TrimPrefix(out.String(), "\n")})
	}
	return all
}

// evident reports whether c comes with evidence to show.
func (c concern) evident() bool {
	return severity(c.Verdict) > severity(conformance.Pass) && (c.Verdict != conformance.Inconclusive || c.expected)
}
