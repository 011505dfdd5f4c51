package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// A Device may give up a source that does not answer, and the seed sets no time for that.
// This file says for how long a withheld answer proves that it has not.

// patience is for how long a held answer proves that the Device is pending, counted from the
// request, which may have arrived long before its answer did.
func (s *story) patience() time.Duration {
	return s.target.Timing.Patience(s.edition.Downloads())
}

// withheld is the longest that an answer to what w requested was withheld.
func (s *story) withheld(w write, upto int) time.Duration {
	var longest time.Duration
	for _, g := range s.gates {
		if g.from < upto {
			longest = max(longest, s.at(g.opened)-s.at(max(w.earliest(), g.from)))
		}
	}
	return longest
}

// overheld reports whether an answer was withheld from w for so long that it may have
// come when the Device had given up: longer than a Device is sure to wait, with the time
// that the answer is under way, from the hook to the source and on to the Device. On a
// machine with too much to do that is long, and the slowest answer of the Device tells how
// long.
func (s *story) overheld(w write, upto int) bool {
	held := s.withheld(w, upto)
	return held > 0 && held+conformance.Lag(s.slowest(w.n, upto)) > s.patience()
}

// givenUp reports whether the answer to ep had been withheld for so long, when n
// came, that the Device may have given up its source.
func (s *story) givenUp(ep episode, n int) bool {
	return s.at(n)-s.at(ep.w.earliest()) > s.patience()
}
