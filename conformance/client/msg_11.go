package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg11() Rule {
	return Rule{
		ID: "MSG-11", Says: "a Client acknowledges no message that is not confirmable",
		Clause: "A message that is not confirmable must not be acknowledged by its recipient.",
		Source: "RFC 7252 section 4.3", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "the Device sent an answer or a notification as a NON, and no ACK came for it",
		Fail:   "an ACK came for one",
		Silent: "the Device sent no NON", judge: acknowledgesNoNON,
	}
}

func acknowledgesNoNON(s *story) []conformance.Finding {
	var all []conformance.Finding
	for n := range s.all {
		switch o := &s.all[n]; {
		case o.Kind == conformance.Message && o.Text == Acknowledged && o.For != nil && s.all[*o.For].Frame.Type == "NON":
			all = append(all, broken(n, "no ACK", "the Device sent a NON, and the Client acknowledged it"))
		case (o.Kind == conformance.Response || o.Kind == conformance.Notification) && o.Frame.Type == "NON":
			all = append(all, kept(n))
		}
	}
	return all
}
