package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm09 = Requirement{
	ID: "DPM-9", Lines: "103-104",
	Clause: "Secure software update requested/pending (1)",
	Says:   "128 in tm: 1 requested or pending, 0 complete",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Update},
	Verdicts: Verdicts{
		Pass: "with SSU-8 and SSU-10",
		Fail: "either fails, or the bit rises though nobody requested the process, and stays longer than one may take",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"NotDone", Requested, "Pending"},
			{"Before", Requested, "Pending"},
			{"Before", Requested, "Literal"},
			{"Before", Requested, "Corrected"},
			{"Known", Completes, "Done"},
			{"Pending", Available, "Done"},
			{"Pending", Nothing, "NotDone"},
		},
		Breach: []Step{
			{"NotDone", Requested, "Hidden"},
			{"Pending", Late, "Stuck"},
			{"Done", Idle, "Stuck"},
		},
	},
	NotAlone: "it demands what SSU-8 and SSU-10 demand together; and a bit that nobody requested breaks AUT-2 too where the Device is told to begin processes by itself",
	rule:     pendingAndComplete(ocf.SSU, completes(ocf.SSU), pendingShows(ocf.SSU)),
}
