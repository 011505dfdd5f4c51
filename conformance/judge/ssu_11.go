package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu11 = Requirement{
	ID: "SSU-11", Lines: "49-54",
	Clause: "Once the Device has completed the software update process, it sets the Initiate Secure Software Update bit in the /oic/sec/pstat.cm property to 1 (TRUE) if/when the software was successfully updated or 0 (FALSE) if no update was performed. To signal completion of the Secure Software Update process, the Device sets the Initiate Secure Software Update bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
	Says:   "the result is in cm no later than tm.U goes to 0, and stays",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "as SVV-11",
		Fail: "as SVV-11",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"Known", Completes, "Done"},
			{"Pending", Available, "Done"},
			{"Pending", Nothing, "NotDone"},
			{"Literal", Nothing, "NotDone"},
		},
		Breach: []Step{{"Done", Idle, "Lost"}},
	},
	rule: stays(ocf.SSU),
}
