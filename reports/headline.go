package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Headline says in one line who was judged and what it came to:
// "Acme lamp, ocf-1.0: pass. 51 requirements: 40 pass, 11 not-applicable."
func Headline(rep assess.Report) string {
	rep = complete(rep)
	name := clean(rep.Target.Name)
	if p := product(rep.Target); p != "" {
		name += " (" + p + ")"
	}
	says := name + ", " + clean(rep.Edition) + ": " + string(rep.Verdict) + ". " + sentence(rep.Counts)
	says = strings.TrimRight(says+" "+selected(rep), " ")
	for _, note := range rep.EditionNotes {
		says += " (" + clean(note) + ")"
	}
	return says
}
