package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// question is the first report that counts more questions than there were before ep.
func (s *story) question(ep episode) (sourceReport, bool) {
	before, ok := s.reportBefore(ep.w.n)
	if !ok {
		return sourceReport{}, false
	}
	return s.asked(before, ep.w.n, ep.upto)
}

// asked is the first report between from and upto that counts more questions than before,
// and fetched the first one that counts more packages asked for.
func (s *story) asked(before sourceReport, from, upto int) (sourceReport, bool) {
	return s.firstReport(from, upto, func(r sourceReport) bool { return r.questions() > before.questions() })
}

func (s *story) fetched(before sourceReport, from, upto int) (sourceReport, bool) {
	return s.firstReport(from, upto, func(r sourceReport) bool { return r.Fetches > before.Fetches })
}

// notAsked is the first report after n, if it counts no more questions than there were
// before ep: what is asked later was not asked by then. A request that meets a check of
// the Device's own need not ask again. A source that is out of reach may have been asked in
// vain, unless something was found all the same.
func (s *story) notAsked(ep episode, n int) (sourceReport, bool) {
	before, ok := s.reportBefore(ep.w.n)
	if !ok || s.spontaneous() {
		return sourceReport{}, false
	}
	q, asked := s.question(ep)
	r, ok := s.reportAfter(n)
	if x, found := announced(ep); (before.Unreachable || r.Unreachable) && !(found && x.Pstat.CM.Has(ep.bit)) {
		return sourceReport{}, false
	}
	return r, ok && r.n < ep.upto && r.questions() == before.questions() && !(asked && q.n < r.n)
}

// newQuestion is the first report after w that counts more questions than the last
// one before w, provided that only writes of w's kind lie between the two. For U
// alone only packages count.
func (s *story) newQuestion(w write, bits ocf.DPM, which func(write) bool) (sourceReport, bool) {
	before, ok := s.reportBefore(w.n)
	if !ok {
		return sourceReport{}, false
	}
	upto := never
	for _, v := range s.writes {
		if v.n < w.n && s.ranOn(v, before.n) {
			return sourceReport{}, false // the question may be v's
		}
		if v.n > before.n && !which(v) {
			upto = min(upto, v.n)
		}
	}
	for _, r := range s.reports {
		if r.n < w.end || r.n > upto {
			continue
		}
		if r.Fetches > before.Fetches || bits != ocf.SSU && r.questions() > before.questions() {
			return r, true
		}
	}
	return sourceReport{}, false
}

// busyAfter reports whether a process that was requested before upto was not seen to be over
// by n, so that what the source reported at n does not hold for the time of upto.
func (s *story) busyAfter(n, upto int) bool {
	return slices.ContainsFunc(s.writes, func(w write) bool { return w.n < upto && s.ranOn(w, n) })
}

// ranOn reports whether what w requested was not seen to be over by n.
func (s *story) ranOn(w write, n int) bool {
	if w.refused() {
		return false
	}
	for _, bit := range s.kinds() {
		if w.asks().Has(bit) && s.end(bit, w) > n {
			return true
		}
	}
	return false
}
