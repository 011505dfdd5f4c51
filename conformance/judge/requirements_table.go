package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// tableRequirements are the requirements of Table 39, Table 40 and the resource.
func tableRequirements() []Requirement {
	return []Requirement{
		{
			ID: "DPM-1", Lines: "75-81", Actor: "device", Level: Definition, Severity: conformance.Fail,
			Clause: "Device provisioning mode is a 16-bit bitmask describing various",
			Says:   "tm and cm are a 16-bit mask",
			PassIf: "unsigned CBOR integers, 0 to 65535; other types and larger values are refused and change nothing",
			FailIf: "another type, or a wrapped value acts. warn above 255: the published schemas say maximum 255",
			rule:   rule(isMask),
		},
		{
			ID: "DPM-8", Lines: "101-102", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Software version validation complete (0)",
			Says:   "64 in tm: 1 requested or pending, 0 complete",
			PassIf: "with SVV-8 and SVV-10",
			FailIf: "either fails",
			rule:   pendingAndComplete(completes(ocf.SVV), pendingShows(ocf.SVV)),
		},
		{
			ID: "DPM-9", Lines: "103-104", Actor: "device", Level: Duty, Severity: conformance.Fail,
			Clause: "Secure software update requested/pending (1)",
			Says:   "128 in tm: 1 requested or pending, 0 complete",
			PassIf: "with SSU-8 and SSU-10",
			FailIf: "either fails",
			rule:   pendingAndComplete(completes(ocf.SSU), pendingShows(ocf.SSU)),
		},
		{
			ID: "DPM-10", Lines: "106", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "Value Definition of the oic.sec.dpmtype Property (Low-Byte)",
			Says:   "bits this edition does not define start nothing and do not stick",
			PassIf: "refused and unchanged, or ignored",
			FailIf: "a process starts. warn: the bit reads back for ever",
			rule:   rule(reservedInert),
		},
		{
			ID: "DPM-11", Lines: "106", Actor: "device", Level: Definition, Severity: conformance.Fail,
			Clause: "Value Definition of the oic.sec.dpmtype Property (Low-Byte)",
			Says:   "the bits lie in the low byte",
			PassIf: "0x4000 is not 64",
			FailIf: "it starts a check",
			rule:   rule(lowByte),
		},
		{
			ID: "DPM-12", Lines: "28-55", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0",
			Says:   "cm, isop, sm and dos.p are the Device's: a Client cannot write them, and a refused write changes nothing at all",
			PassIf: "4.xx, pstat unchanged",
			FailIf: "any of it takes effect",
			rule:   rule(readOnlyKept),
		},
		{
			ID: "DPM-13", Lines: "73-106", Actor: "device", Level: Derived, Severity: conformance.Fail,
			Clause: "13.6 Provisioning Status Resource:",
			Says:   "pstat carries dos, isop, cm, tm, om, sm and rowneruuid",
			PassIf: "all present, of their types",
			FailIf: "one is missing or of another type",
			rule:   rule(carriesAll),
		},
		{
			ID: "DPM-14", Lines: "86-100", Actor: "device", Level: Definition, Severity: conformance.Fail,
			Clause: "ACL provisioning mode enabling instantiation of device ACLs",
			Says:   "bits 1, 2, 4, 8, 16, 32 have their Table 40 meaning; writing them does not disturb V and U",
			PassIf: "V and U are as before",
			FailIf: "a process starts, stops or changes",
			rule:   rule(lowBits),
		},
	}
}
