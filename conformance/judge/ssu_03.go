package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu03 = Requirement{
	ID: "SSU-3", Lines: "46-48",
	Clause: "When the Initiate Secure Software Update bit of /oic/sec/pstat.tm is set to 1 (TRUE) by a sufficiently privileged OCF Client",
	Says:   "only a sufficiently privileged Client can start it",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update | Identity},
	Verdicts: Verdicts{
		Pass: "as SVV-3, and the software version is unchanged",
		Fail: "as SVV-3",
	},
	rule: unprivilegedRefused(ocf.SSU),
}
