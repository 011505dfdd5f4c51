package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv11 = Requirement{
	ID: "SVV-11", Lines: "35-40",
	Clause: "Once the Device has determined if an update is available, it sets the Initiate Software Version Validation bit in the /oic/sec/pstat.cm property to 1 (TRUE) if an update is available or 0 (FALSE) if no update is available. To signal completion of the Software Version Validation process, the Device sets the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
	Says:   "the result is in cm no later than tm.V goes to 0, and stays",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation},
	Verdicts: Verdicts{
		Pass: "every sample with tm.V=0 after the request carries the final cm.V",
		Fail: "cm.V changes after tm.V=0 without a new request",
	},
	Course: Course{
		Of: ocf.SVV,
		Witness: []Step{
			{"Known", Completes, "Found"},
			{"Pending", Available, "Found"},
			{"Pending", Nothing, "None"},
		},
		Breach: []Step{{"Found", Idle, "Lost"}},
	},
	rule: stays(ocf.SVV),
}
