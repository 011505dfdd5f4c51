package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu01 = Requirement{
	ID: "SSU-1", Lines: "45-48",
	Clause: "Setting the Initiate Secure Software Update bit in the /oic/sec/pstat.tm property (see Table 40 of Section 13.6) indicates a request to to initiate the software update process.",
	Says:   "U=1 written to tm by a privileged Client is accepted as a request",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "as SVV-1",
		Fail: "as SVV-1",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"NotDone", Requested, "Pending"},
			{"Before", Requested, "Pending"},
			{"Before", Requested, "Literal"},
			{"Before", Requested, "Corrected"},
		},
	},
	rule: accepts(ocf.SSU),
}
