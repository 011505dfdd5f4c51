package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// checkRequirements are the requirements of Software Version Validation.
func checkRequirements() []Requirement {
	return []Requirement{
		{
			ID: "SVV-1", Lines: "28-34", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Setting the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property (see Table 40 of Section 13.6) indicates a request to initiate the software version validation process",
			Says:   "V=1 written to tm by a privileged Client is accepted as a request",
			PassIf: "2.04, and tm.V reads 1 (or the process is seen to have run)",
			FailIf: "4.xx/5.xx, or no answer after the retransmission budget, from an idle Device to a privileged Client",
			rule:   accepts(ocf.SVV),
		},
		{
			ID: "SVV-2", Lines: "30-33", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "the process whereby the Device validates the software (including firmware, operating system, device drivers, networking stack, etc.) against a trusted source",
			Says:   "the check consults a trusted source",
			Needs:  "gate",
			PassIf: "at least one request reaches the source for the write",
			FailIf: "a result is announced though the controlled source was never asked",
			rule:   rule(consultsSource),
		},
		{
			ID: "SVV-3", Lines: "33-34", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "When the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 1 (TRUE) by a sufficiently privileged OCF Client",
			Says:   "only a sufficiently privileged Client can start it",
			PassIf: "refused (4.xx, or no session), pstat unchanged as seen by the privileged observer, source not asked",
			FailIf: "pstat changes or the source is asked, whatever the response code was",
			rule:   unprivilegedRefused(ocf.SVV),
		},
		{
			ID: "SVV-4", Lines: "34-35", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0",
			Says:   "cm.V goes to 0 at the start",
			Needs:  "gate and cm.V=1 before",
			PassIf: "cm.V=0 while tm.V=1 and held",
			FailIf: "cm.V=1 while held",
			rule:   rule(checkClears),
		},
		{
			ID: "SVV-5", Lines: "35", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "and initiates a software version check.",
			Says:   "a version check is initiated",
			PassIf: "the check is seen to run to an end",
			FailIf: "2.04, and no process within the declared time",
			rule:   rule(initiatesCheck),
		},
		{
			ID: "SVV-6", Lines: "35-37", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Once the Device has determined if an update is available, it sets the Initiate Software Version Validation bit in the /oic/sec/pstat.cm property to 1 (TRUE) if an update is available",
			Says:   "update available: cm.V becomes 1",
			PassIf: "cm.V=1 at completion and stable after",
			FailIf: "cm.V=0 at completion",
			rule:   announces(ocf.SVV, true),
		},
		{
			ID: "SVV-7", Lines: "37-38", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "or 0 (FALSE) if no update is available.",
			Says:   "no update available: cm.V becomes 0",
			PassIf: "cm.V=0 at completion",
			FailIf: "cm.V=1 at completion",
			rule:   announces(ocf.SVV, false),
		},
		{
			ID: "SVV-8", Lines: "38-40", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "To signal completion of the Software Version Validation process, the Device sets the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
			Says:   "completion: tm.V goes back to 0",
			PassIf: "tm.V 1 to 0 once, within the declared time",
			FailIf: "tm.V=1 after the declared time with the answer delivered, or it completes twice for one request",
			rule:   completes(ocf.SVV),
		},
		{
			ID: "SVV-9", Lines: "40-41", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "If the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the validation process.",
			Says:   "V=0 written by a Client has no effect on the process",
			Needs:  "gate for the pending case",
			PassIf: "idle: nothing changes; pending: the process completes with its true result",
			FailIf: "cancelled, restarted, result altered, or started",
			rule:   zeroIgnored(ocf.SVV),
		},
		{
			ID: "SVV-10", Lines: "101", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Software version validation requested/pending (1)",
			Says:   "tm.V reads 1 while the check is pending",
			Needs:  "gate",
			PassIf: "tm.V=1 in a GET while held",
			FailIf: "tm.V=0 while held",
			rule:   pendingShows(ocf.SVV),
		},
		{
			ID: "SVV-11", Lines: "35-40", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Once the Device has determined if an update is available, it sets the Initiate Software Version Validation bit in the /oic/sec/pstat.cm property to 1 (TRUE) if an update is available or 0 (FALSE) if no update is available. To signal completion of the Software Version Validation process, the Device sets the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
			Says:   "the result is in cm no later than tm.V goes to 0, and stays",
			PassIf: "every sample with tm.V=0 after the request carries the final cm.V",
			FailIf: "cm.V changes after tm.V=0 without a new request",
			rule:   stays(ocf.SVV),
		},
		{
			ID: "SVV-12", Lines: "33-40", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Once the Device has determined if an update is available, it sets the Initiate Software Version Validation bit in the /oic/sec/pstat.cm property to 1 (TRUE) if an update is available or 0 (FALSE) if no update is available.",
			Says:   "a second check reports its own result, not the first one's",
			PassIf: "available, then none: cm.V ends 0",
			FailIf: "a stale 1",
			rule:   rule(ownResults),
		},
		{
			ID: "SVV-13", Lines: "40-41 101", Actor: "device", Level: Derived, Severity: conformance.Warn,
			Clause: "If the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the validation process.",
			Says:   "tm.V still reads 1 after a Client wrote V=0 during a pending check",
			Needs:  "gate",
			PassIf: "tm.V=1 in a GET while held",
			FailIf: "tm.V=0 while held (fail under strict). Where this deviates, SVV-11 is suspended for that run",
			rule:   rule(pendingSurvivesZero),
		},
		{
			ID: "SVV-14", Lines: "28-34", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Setting the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property (see Table 40 of Section 13.6) indicates a request to initiate the software version validation process",
			Says:   "a request for a check is nothing else: om, sm and rowneruuid stay as they were",
			PassIf: "every GET during and after the check shows them as before",
			FailIf: "one of them changes, though nobody wrote it",
			rule:   rule(requestsNothingElse),
		},
	}
}
