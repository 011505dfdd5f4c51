package client

import (
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg10() Rule {
	return Rule{
		ID: "MSG-10", Says: "a Client that asks a group takes what its Devices answer",
		Clause: "An answer to a request to a group comes from the address of the Device that answers, not from that of the group: the Client matches it by the token alone. The Devices spread their answers over a leisure of 5 s by default. RST is for a message that its receiver can't process.",
		Source: "RFC 7252 sections 4.3 and 8.2", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "a Device answered within 5 s of the request, and the Client did not reject the answer",
		Fail:   "the Client rejected such an answer with RST",
		Silent: "no Device answered a request to a group within 5 s", judge: takesAnswers,
	}
}

// takesAnswers judges the answers that came while a Client that asks many has to expect them.
// Later it may have stopped waiting, and RST says so.
func takesAnswers(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.groups {
		for _, m := range r.members {
			switch {
			case m.at-r.at >= leisure:
			case m.taken != never && s.all[m.taken].Text == Rejected:
				all = append(all, broken(m.taken, "each answer taken", "%s answered %s after %v, and the Client rejected that with RST",
					strings.TrimPrefix(s.all[m.n].Text, ByMember), r.sought(), (m.at-r.at).Round(time.Millisecond)))
			default:
				all = append(all, kept(m.n))
			}
		}
	}
	return all
}
