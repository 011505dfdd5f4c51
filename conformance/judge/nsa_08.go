package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa08 = Requirement{
	ID: "NSA-8", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "completion: tm.N goes back to 0",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "tm.N 1 to 0 once, within the declared time",
		Fail: "tm.N=1 after the declared time with the answer delivered, or it completes twice for one request",
	},
	NotAlone: "an availability check that never ends does not end after a write of tm=0 either, which NSA-9 wants; one that never starts breaks NSA-5, and one that ends N before its result NSA-9 and NSA-11",
	rule:     completes(ocf.NSA),
}
