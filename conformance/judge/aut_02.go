package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
)

var aut02 = Requirement{
	ID: "AUT-2", Lines: "66-69",
	Clause: "the Device itself may indicate that it is autonomously initiating a software version check/update or that a check/update is complete by setting the pstat.tm and pstat.cm Initiate Software Version Validation and Secure Software Update bits",
	Says:   "its completion may be shown",
	Level:  May, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Autonomous},
	Verdicts: Verdicts{
		Pass: "a bit that went to 1 in tm goes back to 0 with the result in cm",
		Fail: "it never does",
	},
	rule: autonomousEnds,
}

// autonomousEnds judges that a tm bit which the Device set by itself goes back
// (seed.txt 66-69).
func autonomousEnds(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
		for _, d := range s.ownDisturbances(bit) {
			all = append(all, s.ownStuck(d)...)
		}
	}
	return append(all, s.autonomousOf(func(ep episode) conformance.Finding {
		want := pattern("-", "*") + " within the declared time"
		if own, _, ok := s.meets(ep); ok {
			ep = own
		} else {
			ep = s.follow(s.through(ep, s.disturbed(ep.w.n, write.acts)))
		}
		if x, ok := s.unended(ep.ongoing(), ep); ok {
			return unseen(broken(x.N, want, x.String(), "the Device set %v in tm by itself and never took it back", ep.bit))
		}
		end, ok := ep.completion()
		if !ok || !s.fell(ep, end) {
			return open(ep.w.n, want, "the end of the process was not seen")
		}
		return passed(end.N, want, end.String(), "tm lost %v again, with cm=%v", ep.bit, end.Pstat.CM)
	})...)
}
