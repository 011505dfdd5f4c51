package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

func (s *story) nextWrite(n int) int {
	for _, w := range s.writes {
		if w.n > n {
			return w.n
		}
	}
	return never
}

// rebooted is the last reboot that was granted between n and upto, -1 for none.
func (s *story) rebooted(n, upto int) int {
	last := -1
	for _, g := range s.granted {
		if g.name == conformance.Reboot && between(g.n, n, upto) {
			last = g.n
		}
	}
	return last
}

// back is when the Device, restarted at n, was reachable again: at the first
// answer to a request that was sent after n, and no later than it had to be.
func (s *story) back(n int) time.Duration {
	due := s.at(n) + s.target.Timing.Reboot
	for i := n; i < len(s.tl.Observations); i++ {
		if o := &s.tl.Observations[i]; o.Kind == conformance.Response && o.For != nil && *o.For > n {
			return min(o.At, due)
		}
	}
	return due
}
