package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
)

// security says how the harness came to talk to the target, and what a run
// without security leaves open.
func security(t conformance.TargetName) string {
	if !t.Secured {
		return "unsecured: " + strings.Join(ofIdentity(), ", ") + " not judged"
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

// ofIdentity are the ids of the requirements that only a secured target is
// judged by.
func ofIdentity() []string {
	var ids []string
	claims := conformance.Profile{Supports: conformance.Supports{Validation: true, Update: true}}
	secured := claims
	secured.Secured = true
	for _, r := range conformance.Requirements() {
		if r.Excluded(claims) != "" && r.Excluded(secured) == "" {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
