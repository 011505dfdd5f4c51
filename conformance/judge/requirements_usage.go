package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
)

// usageRequirements are the requirements of recommended usage, autonomous operation and observation.
func usageRequirements() []Requirement {
	return []Requirement{
		{
			ID: "USE-1", Lines: "58-59", Actor: "client", Level: Should, Severity: conformance.Warn,
			Clause: "The Initiate Secure Software Update bit of /oic/sec/pstat.tm should only be set by an OCF Client after the Initiate Software Version Validation check is complete.",
			Says:   "a Client sets U only after the check is complete",
			PassIf: "no U write while V is pending or was never run",
			FailIf: "warn: counted by the simulator for each Client it serves",
			rule:   rule(clientsOnly),
		},
		{
			ID: "USE-2", Lines: "45-55", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Setting the Initiate Secure Software Update bit in the /oic/sec/pstat.tm property (see Table 40 of Section 13.6) indicates a request to to initiate the software update process.",
			Says:   "U without a check before, V while U is pending, and 192 in one write stay coherent",
			PassIf: "refused and unchanged; or every accepted bit completes with a true result",
			FailIf: "accepted and stuck, or a false result",
			rule:   rule(coherent),
		},
		{
			ID: "USE-3", Lines: "33-55", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "When the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 1 (TRUE) by a sufficiently privileged OCF Client, the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0 and initiates a software version check.",
			Says:   "writing a bit again while it is pending does not corrupt the process",
			Needs:  "gate",
			PassIf: "one completion with the true result",
			FailIf: "result lost, or two completions",
			rule:   rule(rewriteIgnored),
		},
		{
			ID: "DOS-1", Lines: "61-62", Actor: "device", Level: May, Severity: conformance.Fail,
			Clause: "The process of updating Device software may involve state changes that affect the Device Operational State (/oic/sec/pstat.dos).",
			Says:   "dos may change during an update",
			PassIf: "unchanged; or every step legal (NOTES.md, device states) and back where it began, or where the target declares",
			FailIf: "an illegal step, or RESET or RFOTM reached by an update that does not declare it",
			rule:   rule(dosLegal),
		},
		{
			ID: "DOS-2", Lines: "62-64", Actor: "client", Level: Should, Severity: conformance.Warn,
			Clause: "Devices with an interest in the Device(s) being updated should monitor /oic/sec/pstat.dos and be prepared for pending software update(s) to affect Device state(s) prior to completion of the update.",
			Says:   "interested Devices monitor dos and are prepared",
			PassIf: "the Client observes again after it was dropped",
			FailIf: "warn: counted by the simulator",
			rule:   rule(clientsOnly),
		},
		{
			ID: "DOS-3", Lines: "63-64", Actor: "device", Level: Info, Severity: conformance.Warn,
			Clause: "be prepared for pending software update(s) to affect Device state(s) prior to completion of the update.",
			Says:   "dos changes of an update lie before its completion",
			PassIf: "all between tm.U 0 to 1 and 1 to 0",
			FailIf: "warn: dos moves afterwards",
			rule:   rule(dosBefore),
		},
		{
			ID: "DOS-4", Lines: "61-64", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "The process of updating Device software may involve state changes that affect the Device Operational State (/oic/sec/pstat.dos).",
			Says:   "isop and dos.p agree with dos.s",
			PassIf: "isop is true in RFNOP alone; p returns to false within the declared time",
			FailIf: "they contradict",
			rule:   rule(dosAgrees),
		},
		{
			ID: "AUT-1", Lines: "66-69", Actor: "device", Level: May, Severity: conformance.Fail,
			Clause: "the Device itself may indicate that it is autonomously initiating a software version check/update",
			Says:   "an autonomous check or update may be shown in tm and cm from its start",
			PassIf: "if shown: the same course as a requested one",
			FailIf: "shown, and contradictory",
			rule:   rule(autonomousCourse),
		},
		{
			ID: "AUT-2", Lines: "66-69", Actor: "device", Level: May, Severity: conformance.Fail,
			Clause: "the Device itself may indicate that it is autonomously initiating a software version check/update or that a check/update is complete by setting the pstat.tm and pstat.cm Initiate Software Version Validation and Secure Software Update bits",
			Says:   "its completion may be shown",
			PassIf: "a bit that went to 1 in tm goes back to 0 with the result in cm",
			FailIf: "it never does",
			rule:   rule(autonomousEnds),
		},
		{
			ID: "AUT-3", Lines: "66-69", Actor: "device", Level: May, Severity: conformance.Fail,
			Clause: "by setting the pstat.tm and pstat.cm Initiate Software Version Validation and Secure Software Update bits when starting or completing the version check or update process.",
			Says:   "check and update may follow each other or overlap",
			PassIf: "each bit is coherent by itself",
			FailIf: "one is lost",
			rule:   rule(autonomousBoth),
		},
		{
			ID: "OBS-1", Lines: "69-71", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "by observing pstat resource changes.",
			Says:   "pstat can be observed by an authorised Client",
			PassIf: "2.05 with an Observe option",
			FailIf: "2.05 without it, or an error",
			rule:   rule(observable),
		},
		{
			ID: "OBS-2", Lines: "69-71", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Clients can be notified that an autonomous version check or software update is pending",
			Says:   "observers are told of the pending process",
			Needs:  "gate",
			PassIf: "a notification with the tm bit 1 inside the held window",
			FailIf: "none inside it",
			rule:   rule(tellsPending),
		},
		{
			ID: "OBS-3", Lines: "69-71", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Clients can be notified that an autonomous version check or software update is pending and/or complete by observing pstat resource changes.",
			Says:   "observers are told of its completion",
			PassIf: "the last notification equals a later GET; sequence numbers move forward (RFC 7641 section 3.4)",
			FailIf: "it differs after the settle time, or numbers go back",
			rule:   rule(tellsCompletion),
		},
		{
			ID: "OBS-4", Lines: "69-71", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Clients can be notified that an autonomous version check or software update is pending and/or complete by observing pstat resource changes.",
			Says:   "every observer is told, not the writer alone",
			PassIf: "a second observer sees the same course",
			FailIf: "it does not",
			rule:   rule(tellsEveryone),
		},
		{
			ID: "OBS-5", Lines: "33-34 69-71", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "by a sufficiently privileged OCF Client",
			Says:   "a Client without read or notify permission gets no observation",
			PassIf: "refused",
			FailIf: "accepted",
			rule:   rule(unprivilegedBlind),
		},
	}
}
