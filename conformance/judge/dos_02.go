package judge

import "github.com/ocfsim/ocfsim/conformance"

var dos02 = Requirement{
	ID: "DOS-2", Lines: "62-64",
	Clause: "Devices with an interest in the Device(s) being updated should monitor /oic/sec/pstat.dos and be prepared for pending software update(s) to affect Device state(s) prior to completion of the update.",
	Says:   "interested Devices monitor dos and are prepared",
	Level:  Should, Severity: conformance.Warn, Actor: Client, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "the Client observes again after it was dropped",
		Fail: "warn: counted by the simulator",
	},
	rule: clientsOnly,
}
