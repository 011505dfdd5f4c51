package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv08 = Requirement{
	ID: "SVV-8", Lines: "38-40",
	Clause: "To signal completion of the Software Version Validation process, the Device sets the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
	Says:   "completion: tm.V goes back to 0",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation},
	Verdicts: Verdicts{
		Pass: "tm.V 1 to 0 once, within the declared time",
		Fail: "tm.V=1 after the declared time with the answer delivered, or it completes twice for one request",
	},
	Course: Course{
		Of: ocf.SVV,
		Witness: []Step{
			{"Known", Completes, "Found"},
			{"Pending", Available, "Found"},
			{"Pending", Nothing, "None"},
		},
		Breach: []Step{{"Pending", Late, "Stuck"}, {"Found", Idle, "Stuck"}},
	},
	NotAlone: "whatever breaks SVV-8 breaks DPM-8 too: Table 40 says of the bit in tm what the sentence of SVV-8 says of the completion",
	rule:     completes(ocf.SVV),
}
