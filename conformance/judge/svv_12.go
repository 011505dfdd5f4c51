package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv12 = Requirement{
	ID: "SVV-12", Lines: "33-40",
	Clause: "Once the Device has determined if an update is available, it sets the Initiate Software Version Validation bit in the /oic/sec/pstat.cm property to 1 (TRUE) if an update is available or 0 (FALSE) if no update is available.",
	Says:   "a second check reports its own result, not the first one's",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Offer: true, Target: Validation},
	Verdicts: Verdicts{
		Pass: "available, then none: cm.V ends 0",
		Fail: "a stale 1",
	},
	NotAlone: "a Device that keeps the result of an earlier check shows cm.V=1 though there is no update, and breaks SVV-7 too when the earlier check was made in another run",
	rule:     ownResults,
}

// ownResults judges that a second check does not repeat the first one's result
// (seed.txt 33-40).
func ownResults(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SVV) {
		if f, ok := s.ownResult(ep); ok {
			all = append(all, f)
		}
	}
	return all
}
