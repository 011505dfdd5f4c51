package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu07 = Requirement{
	ID: "SSU-7", Lines: "51-52",
	Clause: "or 0 (FALSE) if no update was performed.",
	Says:   "no update performed: cm.U becomes 0",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Offer: true, Target: Update},
	Verdicts: Verdicts{
		Pass: "cm.U=0 at completion (none available, package rejected, download failed, install failed)",
		Fail: "cm.U=1",
	},
	Course: Course{
		Of:      ocf.SSU,
		Witness: []Step{{"Pending", Nothing, "NotDone"}, {"Literal", Nothing, "NotDone"}},
		Breach:  []Step{{"Pending", Nothing, "Done"}},
	},
	rule: announces(ocf.SSU, false),
}
