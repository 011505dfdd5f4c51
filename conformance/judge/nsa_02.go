package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa02 = Requirement{
	ID: "NSA-2", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "the availability check consults a trusted source",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "report", Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "at least one request reaches the source for the write",
		Fail: "a result is announced though the controlled source was never asked",
		Open: "the source is not under control",
	},
	rule: consultsSource(ocf.NSA),
}
