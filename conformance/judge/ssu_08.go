package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu08 = Requirement{
	ID: "SSU-8", Lines: "52-54",
	Clause: "To signal completion of the Secure Software Update process, the Device sets the Initiate Secure Software Update bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
	Says:   "completion: tm.U goes back to 0",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "as SVV-8; after a restart, once the Device is reachable again",
		Fail: "as SVV-8",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"Known", Completes, "Done"},
			{"Pending", Available, "Done"},
			{"Pending", Nothing, "NotDone"},
			{"Literal", Nothing, "NotDone"},
		},
		Breach: []Step{{"Pending", Late, "Stuck"}, {"Done", Idle, "Stuck"}},
	},
	NotAlone: "whatever breaks SSU-8 breaks DPM-9 too: Table 40 says of the bit in tm what the sentence of SSU-8 says of the completion",
	rule:     completes(ocf.SSU),
}
