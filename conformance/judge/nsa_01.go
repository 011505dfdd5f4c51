package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa01 = Requirement{
	ID: "NSA-1", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "N=1 (0x100) written to tm by a privileged Client is accepted as a request",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "2.04, and tm.N reads 1 (or the process is seen to have run)",
		Fail: "4.xx/5.xx, or no answer after the retransmission budget, from an idle Device to a privileged Client",
	},
	rule: accepts(ocf.NSA),
}
