package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// unrequested judges a bit of tm that rose though no Client had requested its
// process. In tm 1 says requested or pending (seed.txt 101-104). A Device may begin a
// process by itself (66-69), but that is over when the declared time is; what is
// shown for longer is neither. If the Device is known to begin processes by itself,
// AUT-2 judges their ends.
func (s *story) unrequested(bit ocf.DPM) []conformance.Finding {
	lacked := false
	for _, x := range s.samples {
		if !x.Pstat.TM.Has(bit) {
			lacked = true
			continue
		}
		if !lacked || s.requests(bit, -1, x.N) > 0 || s.spontaneous() || s.mangled(x.N) {
			return nil
		}
		upto := never
		for _, w := range s.writes {
			if w.n > x.N && w.requests(bit) {
				upto = min(upto, w.n)
			}
		}
		ep := s.unasked(bit, x, upto)
		for _, y := range ep.ongoing() {
			if s.late(ep, y) && y.Pstat.TM.Has(bit) {
				return []conformance.Finding{broken(y.N, pattern(bothBits.Without(bit).String()+"?", "*"), y.String(),
					"tm has shown %v since %.3g s, though nobody has requested the %s, and still shows it after the time declared for one", bit, s.at(x.N).Seconds(), process(bit))}
			}
		}
		return nil
	}
	return nil
}

// mangled reports whether a Client had written a tm before n that is no bitmask, or a
// bit that the edition does not define: what comes of those is judged elsewhere.
func (s *story) mangled(n int) bool {
	for _, w := range s.writes {
		if m, ok := w.tm(); w.n < n && !w.refused() && (!ok || m&s.edition.Undefined() != 0 || !s.privileged(w.client)) {
			return true
		}
	}
	return false
}

// unwritten finds a bit of Table 40 other than V and U (seed.txt 86-100) that rose in tm
// in RFNOP though nobody had written it. What a Device that provisions itself shows is
// its own affair (om).
func (s *story) unwritten() []conformance.Finding {
	const table = ocf.DPM(0x3c) // RESET and the taking of an owner, bits 1 and 2, come with dos
	lacked := ocf.DPM(0)
	for _, x := range s.samples {
		if x.Pstat.DOS != ocf.RFNOP || x.Pstat.OM&3 != 0 {
			continue
		}
		if bits := x.Pstat.TM & table & lacked; bits.Without(s.written(x.N)) != 0 && !s.mangled(x.N) {
			return []conformance.Finding{s.unlessOwn(broken(x.N, "tm without "+bits.String(), x.String(), "tm shows %v, and nobody has asked for that", bits))}
		}
		lacked |= ^x.Pstat.TM
	}
	return nil
}
