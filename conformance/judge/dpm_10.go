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
	var all []conformance.Finding
	for _, w := range s.writes {
		if !reserved(w) || !s.idle(w.n) {
			continue
		}
		f := s.unmoved(bothBits, w, reserved)
		m, _ := w.tm()
		pre, _ := s.lastBefore(w.n)
		if f.Verdict == conformance.Pass {
			x := s.samples[s.sampleAt(f.Witness)]
			if stuck := (x.Pstat.TM & m).Without(pre.Pstat.TM); stuck != 0 {
				f = warned(broken(x.N, pattern("-", "*"), x.String(), "%v, which the edition does not define, still reads back a settle time after it was written", stuck))
			}
		}
		all = append(all, f)
	}
	return append(all, s.unanswered(reserved)...)
}
