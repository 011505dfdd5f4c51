package judge

import "github.com/ocfsim/ocfsim/conformance"

var dos02 = Requirement{
	ID: "DOS-2", Lines: "62-64",
	Clause: "Devices with an interest in the Device(s) being updated should monitor /oic/sec/pstat.dos and be prepared for pending software update(s) to affect Device state(s) prior to completion of the update.",
	Says:   "interested Devices monitor dos and are prepared",
	Level:  Should, Severity: conformance.Warn, Actor: Client, Edition: OCF10,
	Verdicts: Verdicts{
		Pass:          "the Client observed or read pstat during the update it had asked for, and again after the Device had ended its observation",
		Fail:          "warn: it did neither during the update, or never looked again after its observation was ended",
		Open:          "the record ends before it could be expected to look again",
		NotApplicable: "the Client asked for no update, or for none that took 10 s: it did not look during it, and looked within the minute after it",
		Note:          "`ocfsim run --judge-clients` judges Clients by it.",
	},
	rule: clientsOnly,
}
