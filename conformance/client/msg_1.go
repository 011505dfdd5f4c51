package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg1() Rule {
	return Rule{
		ID: "MSG-1", Says: "a Client sends a confirmable request again after 2 s at the earliest, waits twice as long each time, and gives up after four times",
		Clause: "A confirmable message is sent again when ACK_TIMEOUT (2 s to 3 s) has passed without an ACK; the timeout is doubled each time, and after MAX_RETRANSMIT (4) times there is no further one.",
		Source: "RFC 7252 section 4.2", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "each further copy of a request came no sooner than that",
		Fail:   "two copies or more came within a second of the one before, or without a longer pause than the one before, or there were more than four",
		Open:   "one copy came too soon: the network may have doubled it",
		Silent: "no request was sent again", judge: backsOff,
	}
}

// The bounds of a pause between two copies. A copy may be delayed on its way, and the one
// before it, so that a pause may look somewhat shorter than it was.
const (
	leastPause = time.Second
	maxCopies  = 4
)

func backsOff(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.requests {
		if len(r.copies) == 0 || r.frame.Type != "CON" {
			continue
		}
		if len(r.copies) > maxCopies {
			all = append(all, broken(r.copies[maxCopies], "four further copies at most", "%s %s was sent again %d times", r.frame.Code, r.frame.Path, len(r.copies)))
			continue
		}
		all = append(all, s.paused(r))
	}
	return all
}

// paused judges the pauses between the copies of r.
func (s *story) paused(r *request) conformance.Finding {
	hasty, at := 0, r.n
	var reason string
	last, before := r.at, time.Duration(0)
	for _, n := range r.copies {
		pause := s.all[n].At - last
		if pause < leastPause || pause < before*3/2 {
			hasty, at, reason = hasty+1, n, pause.Round(time.Millisecond).String()
		} else {
			before = pause
		}
		last = s.all[n].At
	}
	switch {
	case hasty == 0:
		return kept(r.copies[0])
	case hasty == 1:
		return open(at, "%s %s came again after %s: the Client, or the network, was too fast", r.frame.Code, r.frame.Path, reason)
	}
	return broken(at, "2 s to 3 s before the first further copy, and twice as long each time", "%s %s came again %d times too soon, the last after %s", r.frame.Code, r.frame.Path, hasty, reason)
}
