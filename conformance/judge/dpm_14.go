package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm14 = Requirement{
	ID: "DPM-14", Lines: "86-100",
	Clause: "ACL provisioning mode enabling instantiation of device ACLs",
	Says:   "bits 1, 2, 4, 8, 16, 32 have their Table 40 meaning; writing them does not disturb V and U",
	Level:  Definition, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "V and U are as before",
		Fail: "a process starts, stops or changes; or one of them rises in tm though nobody wrote it",
	},
	rule: lowBits,
}

// lowBits judges that writing bits 1 to 32 does not disturb V and U (seed.txt
// 86-100), on an idle Device and on one with a pending process, and that tm shows none
// of them that nobody wrote.
func lowBits(s *story) []conformance.Finding {
	low := func(w write) bool { return w.writesMask(func(m ocf.DPM) bool { return m > 0 && m < ocf.SVV }) }
	all := append(s.nothingHappens(s.processes(), low), s.unanswered(low)...)
	for _, bit := range s.kinds() {
		for _, d := range s.disturbances(bit, low) {
			all = append(all, s.survives(d).About(d.w.n))
		}
	}
	return append(all, s.unwritten()...)
}
