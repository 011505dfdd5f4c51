package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv05 = Requirement{
	ID: "SVV-5", Lines: "35",
	Clause: "and initiates a software version check.",
	Says:   "a version check is initiated",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation},
	Verdicts: Verdicts{
		Pass: "the check is seen to run to an end",
		Fail: "2.04, and no process within the declared time",
	},
	Course: Course{
		Of: ocf.SVV,
		Witness: []Step{
			{"Known", Completes, "Found"},
			{"Pending", Available, "Found"},
			{"Pending", Nothing, "None"},
		},
	},
	rule: initiatesCheck(ocf.SVV),
}

// initiatesCheck judges that an accepted request starts a check (seed.txt 35).
func initiatesCheck(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, ep := range s.episodes(bit) {
			all = append(all, s.initiates(ep))
		}
		return append(all, s.neglected(bit)...)
	}
}
