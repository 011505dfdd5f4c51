package judge

import "github.com/ocfsim/ocfsim/conformance"

// Check is what the judge of expectations says of e by itself, before the rest of the scenario
// excuses anything.
func Check(e conformance.Expectation, tl conformance.Timeline) conformance.Finding {
	s := read(tl)
	if s.full && e.Upto > len(s.tl.Observations) {
		return beyond(e)
	}
	return s.untilFull(s.whateverIsOffered(e, check(e, s)))
}
