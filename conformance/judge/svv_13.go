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
	rule: pendingSurvivesZero(ocf.SVV),
}

// pendingSurvivesZero judges that tm.b still reads 1 after a Client wrote b=0
// during a held process (seed.txt 40-41, 54-55, 101, 103): a warning, a fail under strict.
func pendingSurvivesZero(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		shows := pattern(bit.String(), "*")
		for _, z := range s.zeros(bit) {
			want := shows + " after " + z.w.says() + ", while held"
			looks := s.looks(z.w.end, min(z.heldUpto, z.next))
			if len(looks) == 0 {
				all = append(all, open(z.w.n, want, "no GET after the write while the source held its answer"))
			}
			for _, x := range looks {
				all = append(all, s.zeroShown(z, x, want).About(z.w.n))
			}
		}
		return append(all, s.keepsShowing(bit, shows+" after tm=0")...)
	}
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

// zeroShown judges one look after the write of b=0 that z is.
func (s *story) zeroShown(z disturbance, x conformance.Sample, want string) conformance.Finding {
	switch {
	case x.Pstat.TM.Has(z.bit):
		return passed(x.N, want, x.String(), "tm kept %v though a Client wrote %v=0 during the %s", z.bit, z.bit, process(z.bit))
	case s.givenUp(z.ep, x.N) && !s.cancels(z, x):
		return open(x.N, want, "the Device may have given up on the source")
	case !z.ep.shownBefore(z.w.n):
		return open(x.N, want, "tm did not show %v before the write either (%s-10)", z.bit, family(z.bit))
	}
	f := s.unlessOwn(broken(x.N, want, x.String(), "tm lost %v when a Client wrote %v=0, though the source still held its answer", z.bit, z.bit))
	if s.cancels(z, x) {
		f.Reason = "tm lost " + z.bit.String() + " when a Client wrote " + z.bit.String() + "=0, and the " + process(z.bit) + " was cancelled"
	}
	if s.target.Policy.Strict {
		return f
	}
	return warned(f)
}

// cancels reports whether x shows what z cancelled, as its source saw at once.
func (s *story) cancels(z disturbance, x conformance.Sample) bool {
	r, withdrawn := s.withdrawn(z, never)
	return withdrawn && r.n < x.N
}

// zeros are the writes of bit=0 to a provably pending process of bit, {tm: 0} and those that
// request something else or set other bits of tm alike.
func (s *story) zeros(bit ocf.DPM) []disturbance {
	return s.disturbances(bit, func(w write) bool { return w.writesMask(func(m ocf.DPM) bool { return !m.Has(bit) }) })
}
