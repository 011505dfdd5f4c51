package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg2() Rule {
	return Rule{
		ID: "MSG-2", Says: "a Client does not use a Message ID again while it means another message",
		Clause: "The same Message ID must not be used again with the same endpoint within EXCHANGE_LIFETIME (247 s), or NON_LIFETIME (145 s) of a message that is not confirmable.",
		Source: "RFC 7252 sections 4.4 and 4.8.2", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "two requests or more of an endpoint, each with a Message ID of its own",
		Fail:   "two different requests of an endpoint had one Message ID within that time",
		Silent: "no endpoint of the Client sent two requests", judge: numbers,
	}
}

func numbers(s *story) []conformance.Finding {
	var all []conformance.Finding
	type key struct {
		from string
		mid  uint16
	}
	last := map[key]*request{}
	count := map[string]int{}
	for _, r := range s.requests {
		k := key{r.from, r.frame.MID}
		was := last[k]
		last[k] = r
		if was != nil && r.at-was.at < lifetime(was.frame) {
			all = append(all, broken(r.n, "another Message ID", "Message ID %d stood for %s %s and %v later for %s %s",
				k.mid, was.frame.Code, was.frame.Path, (r.at-was.at).Round(time.Millisecond), r.frame.Code, r.frame.Path))
		}
		if count[r.from]++; count[r.from] == 2 {
			all = append(all, kept(r.n))
		}
	}
	return all
}
