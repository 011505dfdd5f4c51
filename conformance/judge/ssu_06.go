package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu06 = Requirement{
	ID: "SSU-6", Lines: "49-51",
	Clause: "Once the Device has completed the software update process, it sets the Initiate Secure Software Update bit in the /oic/sec/pstat.cm property to 1 (TRUE) if/when the software was successfully updated",
	Says:   "successfully updated: cm.U becomes 1",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Offer: true, Target: Update},
	Verdicts: Verdicts{
		Pass: "cm.U=1 at completion, and it did not rise while held",
		Fail: "cm.U=0 at completion, or cm.U goes from 0 to 1 while held (a 1 left by an earlier update is the literal reading of SSU-4)",
	},
	Course: Course{
		Of:      ocf.SSU,
		Witness: []Step{{"Known", Completes, "Done"}, {"Pending", Available, "Done"}},
		Breach:  []Step{{"Pending", Idle, "Risen"}, {"Pending", Available, "NotDone"}},
	},
	rule: announces(ocf.SSU, true),
}
