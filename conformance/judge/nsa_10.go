package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa10 = Requirement{
	ID: "NSA-10", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "tm.N reads 1 while the availability check is pending",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "gate", Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "tm.N=1 in a GET while held",
		Fail: "tm.N=0 while held",
	},
	NotAlone: "if tm does not show the availability check, no observer is told of it (OBS-2)",
	rule:     pendingShows(ocf.NSA),
}
