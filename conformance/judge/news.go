package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// "Changed nothing" is said of everything that was seen from the write to the next
// one. An effect that is over before the answer is read shows in notifications
// alone, and those may be late: this file tells what is news from what may be old.

// isNews reports whether the notification x certainly shows the Device as it was
// after n, when it had rested as pre shows: the last that its observation had told
// by then is what pre shows, and it had told the end of every process that was
// requested since it was registered.
func (s *story) isNews(x, pre conformance.Sample, n int) bool {
	var last conformance.Sample
	falls, found := map[ocf.DPM]int{}, false
	for _, y := range s.samples {
		if y.Stream != x.Stream || y.N >= n || !y.Before(x) {
			continue
		}
		for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
			if found && last.Pstat.TM.Has(bit) && !y.Pstat.TM.Has(bit) {
				falls[bit]++
			}
		}
		last, found = y, true
	}
	if !found || len(differences(last.Pstat, pre.Pstat)) > 0 {
		return false
	}
	return falls[ocf.SVV] >= s.requests(ocf.SVV, x.Stream, n) && falls[ocf.SSU] >= s.requests(ocf.SSU, x.Stream, n)
}

// afterWrite reports whether x certainly shows the Device as it was after w met it
// resting as pre shows. What got no answer may have met it at any time until then.
func (s *story) afterWrite(x, pre conformance.Sample, w write) bool {
	switch {
	case w.code == "" && !w.turned:
		return !x.Notified && x.Since > w.end
	case x.Notified:
		return s.isNews(x, pre, w.n)
	}
	return x.Since > w.n
}

// doubt is a notification that came after w and differs from pre in f, but may be
// old: as long as there is one, nobody can say that nothing changed.
func (s *story) doubt(w write, upto int, pre conformance.Sample, differs func(conformance.Sample) bool) (conformance.Sample, bool) {
	for _, x := range s.samples {
		if x.Notified && x.N > w.n && x.N < upto && !s.isNews(x, pre, w.n) && differs(x) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// unlessDoubted leaves the pass f open where there is such a notification.
func (s *story) unlessDoubted(f conformance.Finding, w write, upto int, pre conformance.Sample, differs func(conformance.Sample) bool) conformance.Finding {
	if x, ok := s.doubt(w, upto, pre, differs); ok && f.Verdict == conformance.Pass {
		return open(x.N, f.Want, "a notification that came afterwards shows %v, and may be of before", x)
	}
	return f
}
