package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// A flood is so many requests to one Device within so long.
const (
	flood     = 200
	floodSpan = 10 * time.Second
)

func msg7() Rule {
	return Rule{
		ID: "MSG-7", Says: "a Client does not flood a Device",
		Clause: "A Client has to control its congestion. What it may send is not said in requests a second; what no controller needs is.",
		Source: "RFC 7252 section 4.7", Level: judge.Derived, Severity: conformance.Warn,
		Pass:   "fewer than 200 requests in any 10 s",
		Fail:   "200 requests in 10 s",
		Silent: "the Client sent no request", judge: moderate,
	}
}

func moderate(s *story) []conformance.Finding {
	for i := flood - 1; i < len(s.requests); i++ {
		first := s.requests[i-flood+1]
		if span := s.requests[i].at - first.at; span < floodSpan {
			return []conformance.Finding{broken(s.requests[i].n, "fewer than 200 requests in 10 s", "%d requests came within %v", flood, span.Round(time.Millisecond))}
		}
	}
	if len(s.requests) == 0 {
		return nil
	}
	return []conformance.Finding{kept(s.requests[0].n)}
}
