package client

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func watch1() Rule {
	return Rule{
		ID: "WATCH-1", Says: "a Client acknowledges each confirmable notification, or rejects what it does not want any more",
		Clause: "The recipient of a confirmable message has to acknowledge it, or to reject it with RST where it has no use for it. By RST a Client also ends an observation.",
		Source: "RFC 7252 section 4.2, RFC 7641 section 3.6", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "a confirmable notification was acknowledged or rejected",
		Fail:   "the Device sent one three times or more without an ACK or RST, and heard other messages of the same endpoint meanwhile",
		Silent: "the Device sent no confirmable notification that the Client could be seen to receive", judge: acknowledges,
	}
}

// enough is how many times a notification has to be sent in vain before that is the Client's
// doing: a network that loses so many in a row, while other messages pass, is none.
const enough = 3

func acknowledges(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, t := range s.told {
		switch sent := append([]int{t.n}, t.copies...); {
		case t.frame.Type != "CON":
		case t.taken != never:
			all = append(all, kept(t.taken))
		case len(sent) >= enough && s.heardFrom(t.to, t.n, sent[len(sent)-1]):
			all = append(all, broken(t.n, "an ACK or RST", "the notification was sent %d times within %v and never acknowledged, while the Client sent other messages",
				len(sent), (s.all[sent[len(sent)-1]].At-s.all[t.n].At).Round(time.Second)))
		}
	}
	return all
}

// heardFrom reports whether the endpoint sent a request between two entries.
func (s *story) heardFrom(end string, from, to int) bool {
	return slices.ContainsFunc(s.requests, func(r *request) bool { return r.from == end && r.n > from && r.n < to })
}
