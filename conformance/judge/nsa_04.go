package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa04 = Requirement{
	ID: "NSA-4", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "cm.N goes to 0 at the start",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "gate and cm.N=1 before", Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "cm.N=0 while tm.N=1 and held",
		Fail: "cm.N=1 while held",
		Open: "not held, or cm.N=1 could not be produced first",
	},
	rule: clearsAtStart(ocf.NSA),
}
