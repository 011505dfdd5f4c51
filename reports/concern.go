package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Concern is one thing that did not pass, as a terminal tells it.
type Concern struct {
	// ID is of a requirement, or of a scenario whose own expectation was broken
	// while no requirement says so, or names a waiver that is of no use. It is
	// RunConcluded where the run as a whole came to its verdict for a reason of its own.
	ID      string
	Verdict conformance.Verdict
	// Text is what Summary shows of it, without the empty line before: the sentence,
	// what was wanted and what came, the evidence, and how to run it again.
	Text string
}

// RunConcluded is the ID of what went wrong with a run as a whole: a target that
// could not be reached, a harness that failed, an interruption, nothing judged.
const RunConcluded = "run concluded"

// Red reports whether c keeps a run from its exit code 0: what only warns, and
// what is waived, does not.
func (c Concern) Red() bool {
	code, _ := Exit(c.Verdict)
	return code != 0
}

// Concerns are what did not pass, the worst first, all of them and each with its
// evidence, as far as the target's Timelines have it. Of style its Color and its
// Width count.
func Concerns(target Entry, style Style) []Concern {
	b := newBook(complete(target.Report), assess.Sentences())
	var all []Concern
	if why := clean(target.Report.Reason); why != "" {
		all = append(all, Concern{ID: RunConcluded, Verdict: judged(target.Report.Verdict), Text: why + "\n"})
	}
	for _, c := range b.concerns(target.Rerun) {
		var out strings.Builder
		t := newText(&out, style)
		var x *fault
		if evident(c.Verdict) {
			if found, ok := b.evidence(c, target.Timelines); ok {
				x = &found
			}
		}
		t.concern(c, x)
		_ = t.out.Flush() // a strings.Builder takes everything
		all = append(all, Concern{ID: c.ID, Verdict: c.Verdict, Text: strings.TrimPrefix(out.String(), "\n")})
	}
	return all
}

// evident reports whether there is evidence of what has the verdict v.
func evident(v conformance.Verdict) bool {
	return severity(v) > severity(conformance.Pass) && v != conformance.Inconclusive
}
