package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance/clause"
)

// Clauses are what the requirement bears on in other standards and laws, "" for nothing.
func (r requirementView) Clauses() string {
	var names []string
	for _, ref := range clause.Of(r.ID) {
		names = append(names, ref.String())
	}
	return strings.Join(names, "; ")
}

// Reading says whose reading Clauses are.
func (r requirementView) Reading() string { return clause.Reading }
