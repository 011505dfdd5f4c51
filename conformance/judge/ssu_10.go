package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu10 = Requirement{
	ID: "SSU-10", Lines: "103",
	Clause: "Secure software update requested/pending (1)",
	Says:   "tm.U reads 1 while the update is pending",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Update},
	Verdicts: Verdicts{
		Pass: "tm.U=1 in a GET while held",
		Fail: "tm.U=0 while held",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"NotDone", Requested, "Pending"},
			{"Before", Requested, "Pending"},
			{"Before", Requested, "Literal"},
			{"Before", Requested, "Corrected"},
		},
		Breach: []Step{{"NotDone", Requested, "Hidden"}},
	},
	NotAlone: "whatever breaks SSU-10 breaks DPM-9 too; and if tm does not show the update, no observer is told of it (OBS-2)",
	rule:     pendingShows(ocf.SSU),
}
