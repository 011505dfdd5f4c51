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
		if open := ofIdentity(rep); len(open) > 0 {
			return "unsecured: " + strings.Join(open, ", ") + " not judged"
		}
		return "unsecured"
	}
	if t.Expired != "" {
		return owned(t) + ", whose certificate expired on " + clean(t.Expired) + " and was accepted"
	}
	return owned(t)
}

// owned says how the harness came to be privileged at a secured target.
func owned(t assess.TargetName) string {
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
// judged by, in the edition of rep.
func ofIdentity(rep assess.Report) []string {
	if rep.OnClient() {
		return nil
	}
	var ids []string
	for _, s := range assess.SentencesIn(rep.Edition) {
		if s.Identity {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
