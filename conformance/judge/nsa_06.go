package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa06 = Requirement{
	ID: "NSA-6", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "new software available: cm.N becomes 1",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Offer: true, Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "cm.N=1 at completion and stable after",
		Fail: "cm.N=0 at completion",
	},
	NotAlone: "cm.N=0 where there is new software is also what a write of tm=0 may have caused, so NSA-9 is broken too; one that ends N before its result breaks NSA-11",
	rule:     announces(ocf.NSA, true),
}
