package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa03 = Requirement{
	ID: "NSA-3", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "only a sufficiently privileged Client can start it",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Validation | Availability | Identity},
	Verdicts: Verdicts{
		Pass: "refused (4.xx, or no session), pstat unchanged as seen by the privileged observer, source not asked",
		Fail: "pstat changes or the source is asked, whatever the response code was",
	},
	rule: unprivilegedRefused(ocf.NSA),
}
