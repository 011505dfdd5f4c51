package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv13 = Requirement{
	ID: "SVV-13", Lines: "40-41 101",
	Clause: "If the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the validation process.",
	Says:   "tm.V still reads 1 after a Client wrote V=0 during a pending check",
	Level:  Derived, Severity: conformance.Warn, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Validation},
	Verdicts: Verdicts{
		Pass: "tm.V=1 in a GET while held",
		Fail: "tm.V=0 while held (fail under strict). Where this deviates, SVV-11 is suspended for that run",
	},
	Course: Course{
		Of:      ocf.SVV,
		Witness: []Step{{"Pending", Zero, "Pending"}},
		Breach:  []Step{{"Pending", Zero, "Hidden"}},
	},
	rule: pendingSurvivesZero,
}

// shownBefore reports whether the process was seen pending before n.
func (ep episode) shownBefore(n int) bool {
	for _, x := range ep.samples {
		if x.N < n && x.Pstat.TM.Has(ep.bit) {
			return true
		}
	}
	return false
}

// pendingSurvivesZero judges that tm.V still reads 1 after a Client wrote V=0
// during a held check (seed.txt 40-41, 101): a warning, a fail under strict.
func pendingSurvivesZero(s *story) []conformance.Finding {
	var all []conformance.Finding
	want := state("V", "*") + " after {tm: 0}, while held"
	for _, z := range s.zeros(ocf.SVV) {
		looks := s.asked(z.w.end, min(z.heldUpto, z.next))
		if len(looks) == 0 {
			all = append(all, open(z.w.n, want, "no GET after the write while the source held its answer"))
		}
		for _, x := range looks {
			if x.Pstat.TM.Has(ocf.SVV) {
				all = append(all, passed(x.N, want, x.String(), "tm kept V though a Client wrote V=0 during the check"))
				continue
			}
			if s.at(x.N)-s.at(z.ep.w.n) > s.patience() {
				all = append(all, open(x.N, want, "the Device may have given up on the source"))
				continue
			}
			if !z.ep.shownBefore(z.w.n) {
				all = append(all, open(x.N, want, "tm did not show V before the write either (SVV-10)"))
				continue
			}
			f := broken(x.N, want, x.String(), "tm lost V when a Client wrote V=0, though the source still held its answer")
			f = s.unlessOwn(f)
			if !s.target.Policy.Strict {
				f = warned(f)
			}
			all = append(all, f)
		}
	}
	return all
}

// zeros are the writes of {tm: 0} to a provably pending process of bit.
func (s *story) zeros(bit ocf.DPM) []disturbance {
	return s.disturbances(bit, func(w write) bool { return w.writesOnly(0) })
}
