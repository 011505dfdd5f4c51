package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
)

var swu01 = Requirement{
	ID: "SWU-1", Edition: OCF22,
	Clause: "oic.r.softwareupdate, 2019-04-08, definition swupdate: its Properties, their types and words, and which are required",
	Says:   "a representation of oic.r.softwareupdate is one of the schema",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass:      "a representation has all that is required, and nothing in another form",
		Fail:      "one lacks a Property, or has one of another type, word or length",
		NeverOpen: true,
	},
	rule: planValid,
}

// planValid judges each representation of oic.r.softwareupdate by its published model.
func planValid(s *story) []conformance.Finding {
	const want = "oic.r.softwareupdate as its schema has it"
	var all []conformance.Finding
	for _, l := range s.plans.looks {
		switch {
		case l.err != nil:
			all = append(all, s.answering(l.n, broken(l.n, want, l.err.Error(), "the representation cannot be read")))
		case len(l.problems) > 0:
			all = append(all, s.answering(l.n, broken(l.n, want, l.problems[0].String(), "the representation departs from the schema")))
		default:
			all = append(all, s.answering(l.n, passed(l.n, want, l.x.State, "the representation is one of the schema")))
		}
	}
	return all
}
