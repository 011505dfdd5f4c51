package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm10 = Requirement{
	ID: "DPM-10", Lines: "106",
	Clause: "Value Definition of the oic.sec.dpmtype Property (Low-Byte)",
	Says:   "bits this edition does not define start nothing and do not stick",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "refused and unchanged, or ignored",
		Fail: "a process starts. warn: the bit reads back for ever",
	},
	rule: reservedInert,
}

// reservedInert judges that bits which this edition does not define start
// nothing and do not stick (seed.txt 106): 256 and above, alone.
func reservedInert(s *story) []conformance.Finding {
	reserved := func(w write) bool { return w.writesMask(func(m ocf.DPM) bool { return m > 0xff && m&0xff == 0 }) }
	all := s.nothingHappens(bothBits, reserved)
	for i, f := range all {
		if f.Verdict != conformance.Pass {
			continue
		}
		if x := s.samples[s.sampleAt(f.Witness)]; x.Pstat.TM > 0xff {
			all[i] = warned(broken(x.N, pattern("-", "*"), x.String(), "a bit that the edition does not define still reads back a settle time after it was written"))
		}
	}
	return append(all, s.unanswered(reserved)...)
}
