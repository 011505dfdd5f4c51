package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// zeroIgnored judges that b=0 written by a Client has no effect on the process
// (seed.txt 40-41, 54-55): idle nothing begins or changes; pending the process
// goes on. {tm: 64} writes U=0 as well; {tm: 128} writes V=0, but the update
// that it starts may clear the check's result, so SSU-12 alone judges that. Bits that the
// edition does not define write both as 0; what they do to an idle Device is DPM-10's. A
// write of om alone, which has no tm at all, can have no more effect than a 0. Where a
// process lost its bit before its result came, what another write left alone is no pass.
func zeroIgnored(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		all, doubt := s.idleZeros(bit), false
		zero := func(w write) bool { return s.writesZero(w) || bit == ocf.SSU && w.writesOnly(ocf.SVV) }
		for _, which := range []func(write) bool{zero, write.leavesTM} {
			for _, d := range s.disturbances(bit, which) {
				f, late := s.survival(d)
				all, doubt = append(all, f.About(d.w.n)), doubt || late
			}
			all = append(all, s.carriesOn(bit, which)...)
		}
		if all = append(all, s.unprovenZeros(bit, zero)...); doubt {
			all = slices.DeleteFunc(all, func(f conformance.Finding) bool { return f.Verdict == conformance.Pass })
		}
		return all
	}
}

// idleZeros judges the writes of 0 to an idle Device, and those of om alone, of which only an
// effect tells: who does not write tm shows nothing of what becomes of a 0.
func (s *story) idleZeros(bit ocf.DPM) []conformance.Finding {
	all := s.nothingHappens(bit, func(w write) bool {
		m, _ := w.tm()
		return m == 0 && s.writesZero(w)
	})
	for _, f := range s.nothingHappens(bit, write.leavesTM) {
		if f.Verdict == conformance.Fail {
			all = append(all, f)
		}
	}
	return all
}

// writesZero reports whether w writes 0 for every bit of Table 40 (seed.txt 83-106), with om
// beside it or without: 0, or bits that the edition does not define.
func (s *story) writesZero(w write) bool {
	m, ok := w.tm()
	_, om := w.body.field("om")
	return ok && m.Without(s.edition.Undefined()) == 0 && len(w.body.fields) == 1+om && w.way == "" && w.framed
}

// unprovenZeros are the writes of a kind while a process of bit that had been
// requested was neither provably pending nor seen to be over: they tell nothing, and
// what such a write does to an idle Device does not stand for them.
func (s *story) unprovenZeros(bit ocf.DPM, which func(write) bool) []conformance.Finding {
	proven := map[int]bool{}
	for _, d := range s.disturbances(bit, which) {
		proven[d.w.n] = true
	}
	var all []conformance.Finding
	for _, w := range s.writes {
		if which(w) && !w.turned && !proven[w.n] && s.privileged(w.client) && s.outstanding(w.n).Has(bit) {
			all = append(all, open(w.n, "the "+process(bit)+" goes on to its true result",
				"the %s had been requested, but was neither provably pending when %s was written nor seen to be over", process(bit), w.says()))
		}
	}
	return all
}

// leavesTM reports whether w writes om and nothing else.
func (w write) leavesTM() bool {
	_, count := w.body.field("om")
	return w.ok && w.framed && count == 1 && len(w.body.fields) == 1
}
