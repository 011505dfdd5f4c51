package client

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// A flood of a group is so many requests within so long. A controller that asks four groups
// for three kinds of Devices sends twelve at once, and sends them again when few have answered.
const (
	groupFlood     = 50
	groupFloodSpan = 10 * time.Second
)

func msg9() Rule {
	return Rule{
		ID: "MSG-9", Says: "a Client does not flood by multicast",
		Clause: "Every Device of the group answers such a request, spread over 5 s by default. How many a Client may send is not said; what no search for Devices needs is.",
		Source: "RFC 7252 sections 4.7 and 8.2", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "fewer than 50 requests to groups in any 10 s",
		Fail:   "50 requests to groups in 10 s, copies among them",
		Silent: "the Client sent nothing to a group", judge: sparesGroups,
	}
}

func sparesGroups(s *story) []conformance.Finding {
	var sent []int
	for _, r := range s.groups {
		sent = append(append(sent, r.n), r.copies...)
	}
	slices.Sort(sent)
	for i := groupFlood - 1; i < len(sent); i++ {
		first, last := &s.all[sent[i-groupFlood+1]], &s.all[sent[i]]
		if span := last.At - first.At; span < groupFloodSpan {
			return []conformance.Finding{broken(sent[i], "fewer than 50 requests to groups in 10 s", "%d requests to groups came within %v", groupFlood, span.Round(time.Millisecond))}
		}
	}
	if len(sent) == 0 {
		return nil
	}
	return []conformance.Finding{kept(sent[0])}
}
