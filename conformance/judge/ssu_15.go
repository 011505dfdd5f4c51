package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu15 = Requirement{
	ID: "SSU-15", Lines: "54-55 103",
	Clause: "If the Initiate Secure Software Update bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the update process.",
	Says:   "tm.U still reads 1 after a Client wrote U=0 during a pending update",
	Level:  Derived, Severity: conformance.Warn, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Update},
	Verdicts: Verdicts{
		Pass: "tm.U=1 in a GET while held",
		Fail: "tm.U=0 while held (fail under strict). Where this deviates, SSU-11 is suspended for that run",
	},
	Course: Course{
		Of:      ocf.SSU,
		Witness: []Step{{"Pending", Zero, "Pending"}},
		Breach:  []Step{{"Pending", Zero, "Hidden"}},
	},
	rule: pendingSurvivesZero(ocf.SSU),
}
