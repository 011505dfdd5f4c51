package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv03 = Requirement{
	ID: "SVV-3", Lines: "33-34",
	Clause: "When the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 1 (TRUE) by a sufficiently privileged OCF Client",
	Says:   "only a sufficiently privileged Client can start it",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation | Identity},
	Verdicts: Verdicts{
		Pass: "refused (4.xx, or no session), pstat unchanged as seen by the privileged observer, source not asked",
		Fail: "pstat changes or the source is asked, whatever the response code was",
	},
	rule: unprivilegedRefused(ocf.SVV),
}
