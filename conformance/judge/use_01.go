package judge

import "github.com/ocfsim/ocfsim/conformance"

var use01 = Requirement{
	ID: "USE-1", Lines: "58-59",
	Clause: "The Initiate Secure Software Update bit of /oic/sec/pstat.tm should only be set by an OCF Client after the Initiate Software Version Validation check is complete.",
	Says:   "a Client sets U only after the check is complete",
	Level:  Should, Severity: conformance.Warn, Actor: Client, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "no U write while V is pending or was never run",
		Fail: "warn: counted by the simulator for each Client it serves",
	},
	rule: clientsOnly,
}
