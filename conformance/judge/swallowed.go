package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// naming says of a breach which package the Device has swallowed, if it shows that an
// update was done and the source says that what it handed over for it is not good. The
// verdict stays as it is.
func (s *story) naming(f conformance.Finding) conformance.Finding {
	if f.Verdict != conformance.Fail {
		return f
	}
	if x, _ := s.lastBefore(f.Witness + 1); !x.Pstat.CM.Has(ocf.SSU) {
		return f
	}
	if h := s.handedFor(f.Witness); h != nil && !h.Good {
		f.Reason += "; the package that it took: " + h.String()
	}
	return f
}

// handedFor is the package that the source has handed over for the latest update that
// was requested before n, or nil.
func (s *story) handedFor(n int) *conformance.Handed {
	requested := 0
	for _, w := range s.writes {
		if w.n <= n && w.requests(ocf.SSU) {
			requested = w.n
		}
	}
	r, ok := s.reportAfter(n - 1)
	if !ok {
		r, _ = s.reportBefore(n)
	}
	before, _ := s.reportBefore(requested)
	if r.Last == nil || before.Last != nil && before.Last.Number == r.Last.Number {
		return nil
	}
	return r.Last
}
