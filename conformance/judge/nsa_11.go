package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa11 = Requirement{
	ID: "NSA-11", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "the result is in cm no later than tm.N goes to 0, and stays",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "every sample with tm.N=0 after the request carries the final cm.N",
		Fail: "cm.N changes after tm.N=0 without a new request",
	},
	NotAlone: "as long as the result is missing the Device seems to have found nothing, so NSA-6 is broken too",
	rule:     stays(ocf.NSA),
}
