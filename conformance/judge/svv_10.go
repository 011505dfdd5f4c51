package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv10 = Requirement{
	ID: "SVV-10", Lines: "101",
	Clause: "Software version validation requested/pending (1)",
	Says:   "tm.V reads 1 while the check is pending",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Validation},
	Verdicts: Verdicts{
		Pass: "tm.V=1 in a GET while held",
		Fail: "tm.V=0 while held",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"None", Requested, "Pending"}, {"Found", Requested, "Pending"}},
		Breach:  []Step{{"None", Requested, "Hidden"}},
	},
	NotAlone: "whatever breaks SVV-10 breaks DPM-8 too; and if tm does not show the check, no observer is told of it (OBS-2)",
	rule:     pendingShows(ocf.SVV),
}
