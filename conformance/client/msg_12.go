package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg12() Rule {
	return Rule{
		ID: "MSG-12", Says: "a Client rejects an empty confirmable message and does not acknowledge it",
		Clause: "The recipient of a confirmable message rejects it where it can't process it, which includes one that is Empty. It rejects by a matching RST. So an Empty confirmable message asks whether somebody is there (CoAP ping).",
		Source: "RFC 7252 section 4.2", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "the Device sent an Empty confirmable message, and an RST came for it",
		Fail:   "an ACK came for one",
		Silent: "the Device sent none, or nothing came for it: either may have been lost", judge: rejectsPings,
	}
}

func rejectsPings(s *story) []conformance.Finding {
	var all []conformance.Finding
	for n := range s.all {
		o := &s.all[n]
		if o.Kind != conformance.Message || o.For == nil || s.all[*o.For].Text != Pings {
			continue
		}
		switch o.Text {
		case Rejected:
			all = append(all, kept(n))
		case Acknowledged:
			all = append(all, broken(n, "RST", "the Device sent an Empty confirmable message, and the Client acknowledged it"))
		}
	}
	return all
}
