package client

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg3() Rule {
	return Rule{
		ID: "MSG-3", Says: "a Client waits for the answer before it sends the next request",
		Clause: "A Client has to limit the requests to one Device that are outstanding at a time to NSTART, which is 1 by default.",
		Source: "RFC 7252 section 4.7", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "two requests or more of an endpoint, and no more than NSTART=1 outstanding at a time",
		Fail:   "more than four were outstanding at a time, which no reading of the limit explains; two to four are a warning, for a Client that controls congestion by other means may have another NSTART",
		Silent: "no endpoint of the Client sent two requests", judge: oneAtATime,
	}
}

// The number of requests that may be outstanding at one time.
const (
	nstart  = 1
	tooMany = 4 // beyond this no other NSTART explains it
)

// abandoned is after which time a Client may have given up waiting for the first sign of an
// answer: when it would have to send its request again.
const abandoned = 2 * time.Second

// oneAtATime counts, at each request, those before it of the same endpoint that the
// Device had not answered in any way. What the Device had answered counts as done, although
// the answer had still to arrive: so no more are counted than there were.
func oneAtATime(s *story) []conformance.Finding {
	var all []conformance.Finding
	waiting := map[string][]*request{}
	count := map[string]int{}
	used := map[string]bool{}
	for _, r := range s.requests {
		number := fmt.Sprint(r.from, " ", r.frame.MID)
		if used[number] { // the Device takes it for a copy, and does not answer it: MSG-2
			continue
		}
		used[number] = true
		var still []*request
		for _, w := range waiting[r.from] {
			if w.heard > r.n && r.at-w.at < abandoned {
				still = append(still, w)
			}
		}
		still = append(still, r)
		waiting[r.from] = still
		count[r.from]++
		switch n := len(still); {
		case n > tooMany:
			all = append(all, broken(r.n, "one request outstanding at a time", "%d requests were outstanding at a time", n))
		case n > nstart:
			f := broken(r.n, "one request outstanding at a time", "%d requests were outstanding at a time", n)
			f.Verdict = conformance.Warn
			all = append(all, f)
		case count[r.from] == 2:
			all = append(all, kept(r.n))
		}
	}
	return all
}
