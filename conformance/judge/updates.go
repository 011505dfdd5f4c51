package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// updates are all updates that can be followed: requested in RFNOP or in
// another onboarding state, or autonomous.
func (s *story) updates() []episode {
	all := append(s.episodes(ocf.SSU), s.autonomous(ocf.SSU)...)
	for _, w := range s.writes {
		if w.writesOnly(ocf.SSU) && w.accepted() && s.privileged(w.client) && s.onboarding(w.n) {
			all = append(all, s.episode(ocf.SSU, w, s.disturbed(w.n, anyWrite)))
		}
	}
	return all
}

// onboarding reports whether the Device was last seen in RFPRO or SRESET with
// nothing pending.
func (s *story) onboarding(n int) bool {
	last, ok := s.lastBefore(n)
	return ok && (last.Pstat.DOS == ocf.RFPRO || last.Pstat.DOS == ocf.SRESET) && !last.Pstat.Pending &&
		last.Pstat.TM&s.processes() == 0 && s.outstanding(n) == 0
}

// rest is the last GET of ep, if it was sent a settle time or more after the update
// had ended.
func (s *story) rest(ep episode) (conformance.Sample, bool) {
	if len(ep.final) == 0 {
		return conformance.Sample{}, false
	}
	end := ep.final[0]
	for i := len(ep.samples) - 1; i >= 0; i-- {
		x := ep.samples[i]
		if x.Notified {
			continue
		}
		after := end.Before(x) && s.at(x.Since) >= s.at(end.N)+s.target.Timing.Settle
		return x, after || s.late(ep, x)
	}
	return conformance.Sample{}, false
}
