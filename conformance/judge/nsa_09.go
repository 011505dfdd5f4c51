package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa09 = Requirement{
	ID: "NSA-9", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "N=0 written by a Client has no effect on the process",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "gate", Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "idle: nothing changes; pending: the process completes with its true result",
		Fail: "cancelled, restarted, result altered, or started",
	},
	rule: zeroIgnored(ocf.NSA),
}
