package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv06 = Requirement{
	ID: "SVV-6", Lines: "35-37",
	Clause: "Once the Device has determined if an update is available, it sets the Initiate Software Version Validation bit in the /oic/sec/pstat.cm property to 1 (TRUE) if an update is available",
	Says:   "update available: cm.V becomes 1",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Offer: true, Target: Validation},
	Verdicts: Verdicts{
		Pass: "cm.V=1 at completion and stable after",
		Fail: "cm.V=0 at completion",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"Known", Completes, "Found"}, {"Pending", Available, "Found"}},
		Breach:  []Step{{"Pending", Available, "None"}},
	},
	rule: announces(ocf.SVV, true),
}
