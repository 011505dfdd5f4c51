package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg8() Rule {
	return Rule{
		ID: "MSG-8", Says: "a Client asks a group by a message that is not confirmable",
		Clause: "A request to a multicast group must be non-confirmable: if all members acknowledged it, they would do so at once.",
		Source: "RFC 7252 section 8.1", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "a request to a group was a NON",
		Fail:   "it was a CON",
		Silent: "the Client sent nothing to a group", judge: asksGroups,
	}
}

func asksGroups(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.groups {
		if r.frame.Type == "CON" {
			all = append(all, broken(r.n, "NON", "%s %s went to a group as a CON", r.frame.Code, r.frame.Path))
		}
		all = append(all, kept(r.n))
	}
	return all
}
