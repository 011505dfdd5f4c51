package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

func use1() Rule { return ofSeed("USE-1", updatesChecked) }

// updatesChecked judges each write that sets U. Where the Device refused it, it set
// nothing.
func updatesChecked(s *story) []conformance.Finding {
	var all []conformance.Finding
	const want = "a check that is complete before U is set"
	for _, r := range s.requests {
		if !r.asks().Has(ocf.SSU) || r.refused() {
			continue
		}
		pstat, known := s.before(r.n)
		switch {
		case !known:
			all = append(all, open(r.n, "the record does not say in which state the Device was"))
		case pstat.TM.Has(ocf.SSU): // it was set already
		case r.asks().Has(ocf.SVV):
			all = append(all, broken(r.n, want, "U was set in one write with V"))
		case pstat.TM.Has(ocf.SVV):
			all = append(all, broken(r.n, want, "U was set while the check was pending"))
		case pstat.CM.Has(ocf.SVV) || s.checkedBefore(r.n):
			all = append(all, kept(r.n))
		default:
			all = append(all, broken(r.n, want, "U was set, and no check had been complete since the record began"))
		}
	}
	return all
}

// checkedBefore reports whether a check, whoever asked for it, was complete before the
// entry n.
func (s *story) checkedBefore(n int) bool {
	for _, p := range s.checks {
		if p.to < n {
			return true
		}
	}
	return false
}
