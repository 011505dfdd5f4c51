package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv09 = Requirement{
	ID: "SVV-9", Lines: "40-41",
	Clause: "If the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the validation process.",
	Says:   "V=0 written by a Client has no effect on the process",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate for the pending case", Target: Validation},
	Verdicts: Verdicts{
		Pass: "idle: nothing changes; pending: the process completes with its true result",
		Fail: "cancelled, restarted, result altered, or started",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"None", Zero, "None"}, {"Found", Zero, "Found"}},
		Breach: []Step{
			{"Found", Zero, "Lost"},
			{"None", Zero, "Pending"},
			{"Pending", Zero, "Lost"},
		},
	},
	rule: zeroIgnored(ocf.SVV),
}
