package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv01 = Requirement{
	ID: "SVV-1", Lines: "28-34",
	Clause: "Setting the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property (see Table 40 of Section 13.6) indicates a request to initiate the software version validation process",
	Says:   "V=1 written to tm by a privileged Client is accepted as a request",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation},
	Verdicts: Verdicts{
		Pass: "2.04, and tm.V reads 1 (or the process is seen to have run)",
		Fail: "4.xx/5.xx, or no answer after the retransmission budget, from an idle Device to a privileged Client",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"None", Requested, "Pending"}, {"Found", Requested, "Pending"}},
	},
	rule: accepts(ocf.SVV),
}
