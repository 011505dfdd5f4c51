package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// updateRequirements are the requirements of Secure Software Update.
func updateRequirements() []Requirement {
	return []Requirement{
		{
			ID: "SSU-1", Lines: "45-48", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Setting the Initiate Secure Software Update bit in the /oic/sec/pstat.tm property (see Table 40 of Section 13.6) indicates a request to to initiate the software update process.",
			Says:   "U=1 written to tm by a privileged Client is accepted as a request",
			PassIf: "as SVV-1",
			FailIf: "as SVV-1",
			rule:   accepts(ocf.SSU),
		},
		{
			ID: "SSU-2", Lines: "49", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "and initiates a software update process.",
			Says:   "the update takes its software from the trusted source",
			Needs:  "gate",
			PassIf: "the package is fetched from the source",
			FailIf: "success is announced and the package was never served",
			rule:   rule(fetchesPackage),
		},
		{
			ID: "SSU-3", Lines: "46-48", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "When the Initiate Secure Software Update bit of /oic/sec/pstat.tm is set to 1 (TRUE) by a sufficiently privileged OCF Client",
			Says:   "only a sufficiently privileged Client can start it",
			PassIf: "as SVV-3, and the software version is unchanged",
			FailIf: "as SVV-3",
			rule:   unprivilegedRefused(ocf.SSU),
		},
		{
			ID: "SSU-4", Lines: "48-49", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0 and initiates a software update process.",
			Says:   "a cm bit goes to 0 at the start: literally V, which reads like a slip for U",
			Needs:  "gate and cm.V=1 and cm.U=1 before",
			PassIf: "V cleared (literal), U cleared (corrected), or both; the report names which",
			FailIf: "neither is cleared while held",
			rule:   rule(updateClears),
		},
		{
			ID: "SSU-5", Lines: "49", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "and initiates a software update process.",
			Says:   "an update process is initiated",
			PassIf: "the process is seen to run to an end; the software version changes where it is declared to",
			FailIf: "2.04, and no process; or success with an unchanged version",
			rule:   rule(initiatesUpdate),
		},
		{
			ID: "SSU-6", Lines: "49-51", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Once the Device has completed the software update process, it sets the Initiate Secure Software Update bit in the /oic/sec/pstat.cm property to 1 (TRUE) if/when the software was successfully updated",
			Says:   "successfully updated: cm.U becomes 1",
			PassIf: "cm.U=1 at completion, and it did not rise while held",
			FailIf: "cm.U=0 at completion, or cm.U goes from 0 to 1 while held (a 1 left by an earlier update is the literal reading of SSU-4)",
			rule:   announces(ocf.SSU, true),
		},
		{
			ID: "SSU-7", Lines: "51-52", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "or 0 (FALSE) if no update was performed.",
			Says:   "no update performed: cm.U becomes 0",
			PassIf: "cm.U=0 at completion (none available, package rejected, download failed, install failed)",
			FailIf: "cm.U=1",
			rule:   announces(ocf.SSU, false),
		},
		{
			ID: "SSU-8", Lines: "52-54", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "To signal completion of the Secure Software Update process, the Device sets the Initiate Secure Software Update bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
			Says:   "completion: tm.U goes back to 0",
			PassIf: "as SVV-8; after a restart, once the Device is reachable again",
			FailIf: "as SVV-8",
			rule:   completes(ocf.SSU),
		},
		{
			ID: "SSU-9", Lines: "54-55", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "If the Initiate Secure Software Update bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the update process.",
			Says:   "U=0 written by a Client has no effect on the process",
			Needs:  "gate for the pending case",
			PassIf: "as SVV-9",
			FailIf: "as SVV-9",
			rule:   zeroIgnored(ocf.SSU),
		},
		{
			ID: "SSU-10", Lines: "103", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Secure software update requested/pending (1)",
			Says:   "tm.U reads 1 while the update is pending",
			Needs:  "gate",
			PassIf: "tm.U=1 in a GET while held",
			FailIf: "tm.U=0 while held",
			rule:   pendingShows(ocf.SSU),
		},
		{
			ID: "SSU-11", Lines: "49-54", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Once the Device has completed the software update process, it sets the Initiate Secure Software Update bit in the /oic/sec/pstat.cm property to 1 (TRUE) if/when the software was successfully updated or 0 (FALSE) if no update was performed. To signal completion of the Secure Software Update process, the Device sets the Initiate Secure Software Update bit in the /oic/sec/pstat.tm Property back to 0 (FALSE).",
			Says:   "the result is in cm no later than tm.U goes to 0, and stays",
			PassIf: "as SVV-11",
			FailIf: "as SVV-11",
			rule:   stays(ocf.SSU),
		},
		{
			ID: "SSU-12", Lines: "40-41", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "If the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the validation process.",
			Says:   "{tm: 128} writes V=0 too, which must not touch a pending check (and {tm: 64} a pending update)",
			Needs:  "gate",
			PassIf: "both processes end with their true results",
			FailIf: "either is lost",
			rule:   rule(otherIgnored),
		},
		{
			ID: "SSU-13", Lines: "49-54", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Once the Device has completed the software update process, it sets the Initiate Secure Software Update bit in the /oic/sec/pstat.cm property to 1 (TRUE) if/when the software was successfully updated or 0 (FALSE) if no update was performed.",
			Says:   "an update that restarts the Device still ends with cm.U and tm.U telling the truth",
			Needs:  "declared reboot",
			PassIf: "reachable again, tm.U=0, cm.U as the outcome was",
			FailIf: "tm.U=1 for ever, or cm.U contradicts the software version",
			rule:   rule(survivesRestart),
		},
		{
			ID: "SSU-14", Lines: "49-54", Actor: "device", Level: Derived, Severity: conformance.Warn,
			Clause: "Once the Device has completed the software update process",
			Says:   "the update keeps owner, credentials, access rules and device id",
			PassIf: "unchanged across the update",
			FailIf: "lost or changed (the seed does not say it, later editions do: warn here, fail there; ownership lost through RESET or RFOTM is DOS-1)",
			rule:   rule(keepsIdentity),
		},
	}
}
