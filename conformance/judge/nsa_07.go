package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa07 = Requirement{
	ID: "NSA-7", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "no new software available: cm.N becomes 0",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Offer: true, Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "cm.N=0 at completion",
		Fail: "cm.N=1 at completion",
	},
	rule: announces(ocf.NSA, false),
}
