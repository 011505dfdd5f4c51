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
	reserved := func(w write) bool {
		return w.writesMask(func(m ocf.DPM) bool { return m != 0 && m.Without(s.edition.Undefined()) == 0 })
	}
	var all []conformance.Finding
	for _, w := range s.writes {
		if !reserved(w) || !s.idle(w.n) {
			continue
		}
		f := s.unmoved(s.processes(), w, reserved)
		m, _ := w.tm()
		pre, _ := s.lastBefore(w.n)
		if f.Verdict == conformance.Pass {
			x := s.samples[s.sampleAt(f.Witness)]
			if stuck := (x.Pstat.TM & m).Without(pre.Pstat.TM); stuck != 0 {
				f = readsBack(x, stuck)
			}
		}
		all = append(all, f)
	}
	if x, stuck := s.stuckBeside(); stuck != 0 {
		all = append(all, readsBack(x, stuck))
	}
	return append(all, s.unanswered(reserved)...)
}

func readsBack(x conformance.Sample, stuck ocf.DPM) conformance.Finding {
	return warned(broken(x.N, pattern("-", "*"), x.String(), "%v, which the edition does not define, still reads back a settle time after it was written", stuck))
}

// stuckBeside is the last look with the bits of the high byte that the last write of tm
// set beside V or U, where it shows them still, a settle time later and nothing pending.
func (s *story) stuckBeside() (x conformance.Sample, stuck ocf.DPM) {
	var set ocf.DPM
	since := never
	for _, w := range s.writes {
		m, ok := w.tm()
		if !ok || w.refused() {
			continue
		}
		if set, since = 0, w.end; w.asks() != 0 {
			set = m & s.edition.Undefined()
		}
	}
	x, ok := last(s.looks(since, never))
	if !ok || x.Pstat.TM&s.processes() != 0 || s.at(x.Since) < s.at(since)+s.target.Timing.Settle {
		return x, 0
	}
	return x, x.Pstat.TM & set
}
