package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm08 = Requirement{
	ID: "DPM-8", Lines: "101-102",
	Clause: "Software version validation complete (0)",
	Says:   "64 in tm: 1 requested or pending, 0 complete",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Validation},
	Verdicts: Verdicts{
		Pass: "with SVV-8 and SVV-10",
		Fail: "either fails, or the bit rises though nobody requested the process, and stays longer than one may take",
	},
	Course: Course{
		Of: ocf.SVV,
		Witness: []Step{
			{"None", Requested, "Pending"},
			{"Found", Requested, "Pending"},
			{"Known", Completes, "Found"},
			{"Pending", Available, "Found"},
			{"Pending", Nothing, "None"},
		},
		Breach: []Step{
			{"None", Requested, "Hidden"},
			{"Pending", Late, "Stuck"},
			{"Found", Idle, "Stuck"},
		},
	},
	NotAlone: "it demands what SVV-8 and SVV-10 demand together; and a bit that nobody requested breaks AUT-2 too where the Device is told to begin processes by itself",
	rule:     pendingAndComplete(ocf.SVV, completes(ocf.SVV), pendingShows(ocf.SVV)),
}
