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
// nothing and do not stick (seed.txt 106): 256 and above, alone. What sticks of bits
// that were written beside V or U shows when the process is over.
func reservedInert(s *story) []conformance.Finding {
	reserved := func(w write) bool { return w.writesMask(func(m ocf.DPM) bool { return m > 0xff && m&0xff == 0 }) }
	all := s.nothingHappens(bothBits, reserved)
	for i, f := range all {
		if f.Verdict != conformance.Pass {
			continue
		}
		if x := s.samples[s.sampleAt(f.Witness)]; s.shownUndefined(x) {
			all[i] = readsBack(x)
		}
	}
	if x, ok := s.stuckBeside(); ok {
		all = append(all, readsBack(x))
	}
	return append(all, s.unanswered(reserved)...)
}

func readsBack(x conformance.Sample) conformance.Finding {
	return warned(broken(x.N, pattern("-", "*"), x.String(), "a bit that the edition does not define still reads back a settle time after it was written"))
}

// shownUndefined reports whether tm in x has a bit of the high byte that no earlier
// scenario has left behind, or that was written in this one.
func (s *story) shownUndefined(x conformance.Sample) bool {
	return s.ownBits(x.N, "tm", x.Pstat.TM)|x.Pstat.TM&s.written(x.N) > 0xff
}

// stuckBeside is the last look, where it shows nothing pending, a settle time after the
// last write of tm, and still has a bit of the high byte which that write set beside V or U.
func (s *story) stuckBeside() (x conformance.Sample, ok bool) {
	var set ocf.DPM
	since := never
	for _, w := range s.writes {
		m, ok := w.tm()
		if !ok || w.refused() {
			continue
		}
		if set, since = 0, w.end; w.asks() != 0 {
			set = m &^ 0xff
		}
	}
	x, ok = last(s.looks(since, never))
	return x, ok && x.Pstat.TM&bothBits == 0 && x.Pstat.TM&set != 0 && s.at(x.Since) >= s.at(since)+s.target.Timing.Settle
}
