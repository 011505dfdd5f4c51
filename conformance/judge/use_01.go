package judge

import "github.com/ocfsim/ocfsim/conformance"

var use01 = Requirement{
	ID: "USE-1", Lines: "58-59",
	Clause: "The Initiate Secure Software Update bit of /oic/sec/pstat.tm should only be set by an OCF Client after the Initiate Software Version Validation check is complete.",
	Says:   "a Client sets U only after the check is complete",
	Level:  Should, Severity: conformance.Warn, Actor: Client, Edition: OCF10,
	Verdicts: Verdicts{
		Pass:          "U was set after a check that was complete, whoever had asked for it",
		Fail:          "warn: U was set while the check was pending, in one write with V, or before any check was complete",
		Open:          "the record does not say in which state the Device was",
		NotApplicable: "the Client set no U, or the Device refused it",
		Note:          "`ocfsim run --judge-clients` judges Clients by it.",
	},
	rule: clientsOnly,
}
