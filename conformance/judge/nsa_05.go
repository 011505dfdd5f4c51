package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa05 = Requirement{
	ID: "NSA-5", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "an availability check is initiated",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "the check is seen to run to an end",
		Fail: "2.04, and no process within the declared time",
	},
	NotAlone: "a Device that starts nothing never clears tm.N, and breaks NSA-8 too; one that ends N before its result seems not to have run, and breaks NSA-11",
	rule:     initiatesCheck(ocf.NSA),
}
