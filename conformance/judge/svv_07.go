package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv07 = Requirement{
	ID: "SVV-7", Lines: "37-38",
	Clause: "or 0 (FALSE) if no update is available.",
	Says:   "no update available: cm.V becomes 0",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Offer: true, Target: Validation},
	Verdicts: Verdicts{
		Pass: "cm.V=0 at completion",
		Fail: "cm.V=1 at completion",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"Pending", Nothing, "None"}},
		Breach:  []Step{{"Pending", Nothing, "Found"}},
	},
	rule: announces(ocf.SVV, false),
}
