package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
)

// security says how the harness gained access to the target, and what a run without
// security leaves open.
func security(rep assess.Report) string {
	t := rep.Target
	if !t.Secured {
		return "unsecured: " + strings.Join(ofIdentity(rep.Edition), ", ") + " not judged"
	}
	switch t.Owning {
	case "":
		return "secured"
	case "justworks":
		return "secured, owned by Just Works"
	case "pin":
		return "secured, owned by Random PIN"
	case "certificate":
		return "secured, owned by manufacturer certificate"
	case "credential":
		return "secured, with its owner's credential"
	}
	return "secured, owned by " + clean(t.Owning)
}

// ofIdentity returns the ids of the requirements that only secured targets are
// judged by, in an edition.
func ofIdentity(edition string) []string {
	var ids []string
	for _, s := range assess.SentencesOf(edition) {
		if s.Identity {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
