package judge

import (
	"slices"

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
		last.Pstat.TM&bothBits == 0 && s.outstanding(n) == 0
}

// dosLegal judges the device states of an update (seed.txt 61-62): unchanged,
// or back where it began or is declared to end, without RESET and RFOTM. Since
// states may pass unsampled, and RFPRO, RFNOP and SRESET are all reached from
// one another by legal steps, an illegal step between those three can't be told.
func dosLegal(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.updates() {
		if ep.hasPre && ep.pre.HasDOS() {
			all = append(all, s.dosLegal(ep))
		}
	}
	return all
}

func (s *story) dosLegal(ep episode) conformance.Finding {
	start, declared := ep.pre.Pstat.DOS, s.target.Update
	want := "dos=" + start.String() + " or a declared excursion"
	for _, x := range ep.samples {
		left := x.HasDOS() && (x.Pstat.DOS == ocf.RESET || x.Pstat.DOS == ocf.RFOTM)
		if left && !declared.AnyDOS && !slices.Contains(declared.DOS, x.Pstat.DOS) {
			return broken(x.N, want, x.String(), "the update took the Device to %v, which the target does not declare", x.Pstat.DOS)
		}
	}
	ends := []ocf.DOS{start}
	if n := len(declared.DOS); n > 0 {
		ends = append(ends, declared.DOS[n-1])
	}
	want = "dos=" + start.String() + " after the update"
	end, ok := s.rest(ep)
	switch {
	case !ok:
		return open(ep.w.n, want, "no GET a settle time after the end of the update")
	case !end.HasDOS():
		return open(end.N, want, "the last GET has no dos (DPM-13)")
	case s.unseenMove(ep.pre, ep.w):
		return open(end.N, want, "dos was written before the update, and nobody has looked since")
	case !declared.AnyDOS && !slices.Contains(ends, end.Pstat.DOS):
		return broken(end.N, want, end.String(), "the update began in %v and left the Device in %v", start, end.Pstat.DOS)
	}
	return passed(end.N, want, end.String(), "the Device was in %v before the update and is in %v after it", start, end.Pstat.DOS)
}

// rest is the last GET of ep that was sent a settle time or more after the
// update had ended.
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

// dosBefore judges that dos moves before the completion of an update, not
// after it (seed.txt 63-64, a warning).
func dosBefore(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.updates() {
		if ep.done < 0 || !ep.samples[ep.done].HasDOS() {
			continue
		}
		end := ep.samples[ep.done]
		f := open(end.N, "dos at rest after the completion", "no GET a settle time after the end of the update")
		if x, ok := s.rest(ep); ok && x.HasDOS() {
			f = passed(x.N, "dos="+end.Pstat.DOS.String(), x.String(), "dos did not move after the update had completed")
		}
		for _, x := range ep.samples {
			if !x.HasDOS() {
				continue
			}
			if x.Pstat.DOS == ocf.RESET || x.Pstat.DOS == ocf.RFOTM {
				f = open(x.N, "dos at rest after the completion", "the update reached %v (DOS-1)", x.Pstat.DOS)
				break
			}
			if end.Before(x) && x.Pstat.DOS != end.Pstat.DOS {
				f = warned(broken(x.N, "dos="+end.Pstat.DOS.String(), x.String(), "dos moved to %v after tm had lost U", x.Pstat.DOS))
				break
			}
		}
		all = append(all, f)
	}
	return all
}

// dosAgrees judges that isop and dos.p agree with dos.s (seed.txt 61-64): isop
// is true in RFNOP alone, and p does not stay true. An absent p says nothing.
func dosAgrees(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, x := range s.samples {
		p := x.Pstat
		if !p.Present.Has(ocf.PropDOS | ocf.PropISOP) {
			continue
		}
		want := "isop true in RFNOP alone"
		if p.ISOP != (p.DOS == ocf.RFNOP) {
			all = append(all, broken(x.N, want, isop(p), "isop is %v though dos is %v", p.ISOP, p.DOS))
			continue
		}
		all = append(all, passed(x.N, want, isop(p), "isop agrees with dos"))
	}
	return append(all, s.pendingForEver()...)
}

func isop(p ocf.Pstat) string {
	if p.ISOP {
		return p.String() + " isop=true"
	}
	return p.String() + " isop=false"
}

// mayMove reports whether dos was written, or an update requested, before n.
func (s *story) mayMove(n int) bool {
	for _, w := range s.writes {
		_, dos := w.body.field("dos")
		if w.n < n && !w.refused() && (dos > 0 || w.asks().Has(ocf.SSU)) {
			return true
		}
	}
	return false
}

// pendingForEver finds two GETs, a settle time or more apart, between which
// dos.p was true, dos was the same, nothing was written and nothing ran. A
// reset, and what a write of dos or an update began, has the declared reboot
// time on top.
func (s *story) pendingForEver() []conformance.Finding {
	var all []conformance.Finding
	var since *conformance.Sample
	for i, x := range s.samples {
		p := x.Pstat
		stuck := p.Present.Has(ocf.PropP) && p.Pending && p.TM&bothBits == 0
		switch {
		case x.Notified:
		case !stuck:
			since = nil
		case since == nil || since.Pstat.DOS != p.DOS || s.nextWrite(since.Since) < x.N:
			since = &s.samples[i]
		default:
			bound := s.target.Timing.Settle
			if p.DOS == ocf.RESET || s.mayMove(since.Since) {
				bound += s.target.Timing.Reboot
			}
			if s.at(x.Since) > s.at(since.N)+bound {
				all = append(all, broken(x.N, "dos.p back to false within the declared time", p.String()+" p=true",
					"dos.p has been true since %.3gs, though dos is %v and nothing runs", s.at(since.N).Seconds(), p.DOS))
			}
		}
	}
	return all
}
