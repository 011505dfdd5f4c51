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
// requested since it was registered, and every move of dos that was written.
func (s *story) isNews(x, pre conformance.Sample, n int) bool {
	return s.hadTold(x, pre, n, s.requests)
}

// hadTold reports whether the observation of the notification x had told by n all that
// had happened: what pre shows, every move of dos, and so many ends of processes as
// ended counts between two observations.
func (s *story) hadTold(x, pre conformance.Sample, n int, ended func(bit ocf.DPM, from, upto int) int) bool {
	var last conformance.Sample
	falls, moves, found := map[ocf.DPM]int{}, map[ocf.DOS]int{}, false
	for _, y := range s.samples {
		if y.Stream != x.Stream || y.N >= n || !y.Before(x) {
			continue
		}
		for _, bit := range s.kinds() {
			if found && last.Pstat.TM.Has(bit) && !y.Pstat.TM.Has(bit) {
				falls[bit]++
			}
		}
		if found && last.Pstat.DOS != y.Pstat.DOS {
			moves[y.Pstat.DOS]++
		}
		last, found = y, true
	}
	for to, count := range s.moves(x.Stream, n) {
		if moves[to] < count {
			return false
		}
	}
	if !found || len(differences(last.Pstat, pre.Pstat)) > 0 {
		return false
	}
	for _, bit := range s.kinds() {
		if falls[bit] < ended(bit, x.Stream, n) {
			return false
		}
	}
	return true
}

// moves counts the writes between two observations that moved dos to a state.
func (s *story) moves(from, upto int) map[ocf.DOS]int {
	counts := map[ocf.DOS]int{}
	for _, w := range s.writes {
		to, ok := w.dos()
		pre, seen := s.lastBefore(w.n)
		if ok && between(w.n, from, upto) && !w.refused() && seen && pre.Pstat.DOS != to {
			counts[to]++
		}
	}
	return counts
}

// belated reports whether the notification x, which came after n, may tell of before: its
// observation had not told everything by then, and x came no later than the Device may
// take to tell it.
func (s *story) belated(x conformance.Sample, n int) bool {
	pre, ok := s.lastBefore(n)
	return ok && x.Notified && x.Stream < n && s.at(x.N)-s.at(n) <= s.target.Timing.Settle && !s.hadTold(x, pre, n, s.seenOver)
}

// seenOver counts the requests for bit after from whose process was seen to be over
// before upto.
func (s *story) seenOver(bit ocf.DPM, from, upto int) int {
	count := 0
	for _, w := range s.writes {
		if between(w.n, from, upto) && w.requests(bit) && s.end(bit, w) < upto {
			count++
		}
	}
	return count
}

// afterWrite reports whether x certainly shows the Device as it was after w met it
// resting as pre shows. What got no answer may have met it at any time until then.
func (s *story) afterWrite(x, pre conformance.Sample, w write) bool {
	switch {
	case w.code == "" && !w.turned:
		return x.Since > w.end
	case x.Notified:
		return s.isNews(x, pre, w.n)
	}
	return x.Since > w.n
}

// doubt is a notification that came after w and differs from pre in f, but may be
// old: as long as there is one, nobody can say that nothing changed.
func (s *story) doubt(w write, upto int, pre conformance.Sample, differs func(conformance.Sample) bool) (conformance.Sample, bool) {
	for _, x := range s.samples {
		if x.Notified && between(x.N, w.n, upto) && !s.isNews(x, pre, w.n) && differs(x) {
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
