package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

func (s *story) nextWrite(n int) int {
	for _, w := range s.writes {
		if w.n > n {
			return w.n
		}
	}
	return never
}

// acts reports whether w may have an effect on what is pending: it requests a process, or
// moves dos, and was not refused. Whatever else a Client writes leaves a process and its
// result alone (seed.txt 40-41, 54-55).
func (w write) acts() bool {
	_, moves := w.dos()
	return !w.refused() && (moves || w.asks() != 0)
}

// nextToAct is the next write after n that acts, never for none.
func (s *story) nextToAct(n int) int {
	for _, w := range s.writes {
		if w.n > n && w.acts() {
			return w.n
		}
	}
	return never
}

// mayUpdate reports whether w may lead to an update: it requests one, or moves dos. A Device that
// declares processes of its own may also install what a check finds.
func (s *story) mayUpdate(w write) bool {
	_, moves := w.dos()
	return w.acts() && (moves || w.asks().Has(ocf.SSU) || s.target.Supports.Autonomous)
}

// concerned is what comes first after n and may change what becomes of a process of bit, or
// its result, a restart apart: a request for another one, a move of dos, a reset, and
// a process that the Device was told to begin or that is scheduled; never for none. A check
// leaves an update alone, and cm.U.
func (s *story) concerned(bit ocf.DPM, n int) int {
	upto := s.plannedAfter(n)
	for _, w := range s.writes {
		if w.n > n && (s.mayUpdate(w) || bit != ocf.SSU && w.acts()) {
			upto = min(upto, w.n)
			break
		}
	}
	for i := n; i < min(upto, len(s.tl.Observations)); i++ {
		if s.arranges(i, conformance.FactoryReset, conformance.AutonomousValidation, conformance.AutonomousUpdate) {
			return i
		}
	}
	return upto
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
