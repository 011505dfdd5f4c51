package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu09 = Requirement{
	ID: "SSU-9", Lines: "54-55",
	Clause: "If the Initiate Secure Software Update bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the update process.",
	Says:   "U=0 written by a Client has no effect on the process",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate for the pending case", Target: Update},
	Verdicts: Verdicts{
		Pass: "as SVV-9",
		Fail: "as SVV-9",
	},
	Course: Course{
		Of:      ocf.SSU,
		Witness: []Step{{"NotDone", Zero, "NotDone"}, {"Done", Zero, "Done"}},
		Breach: []Step{
			{"Done", Zero, "Lost"},
			{"NotDone", Zero, "Pending"},
			{"Pending", Zero, "Lost"},
		},
	},
	rule: zeroIgnored(ocf.SSU),
}
