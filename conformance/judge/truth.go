package judge

import (
	"fmt"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// truth is the result that the process of bit has to announce for w: it follows
// from what the source offered when w was written, by the last condition that was
// granted. known is false where that does not settle it: nothing was arranged; it
// was arranged anew meanwhile; an earlier update may have used up the offer; or the
// source withheld its answer, or the bench was slow, for so long that the Device
// may have given up.
func (s *story) truth(bit ocf.DPM, w write, upto int) (result, known bool) {
	var offer grant
	offers := conformance.Offers()
	for i := range s.tl.Observations[:min(upto, len(s.tl.Observations))] {
		if !s.arranges(i, offers...) {
			continue
		}
		if i > w.n {
			return result, false
		}
		offer = grant{} // until it is done, and if it failed, nobody knows what is on offer
		if o := &s.tl.Observations[i]; o.Outcome == conformance.Done {
			offer = grant{i, o.Name}
		}
	}
	switch offer.name {
	case conformance.NoUpdate:
		return false, true
	case conformance.UpdateFails:
		return false, bit == ocf.SSU
	case conformance.UpdateAvailable:
		late := s.overheld(w, upto) || s.slowest(w.n, upto) > s.halfDeclared()
		if late && !s.foundAt(bit, upto) {
			return result, false
		}
		for _, u := range s.writes {
			if between(u.n, offer.n, w.n) && u.requests(ocf.SSU) {
				return result, false
			}
		}
		if s.updatedItself(bit, offer.n, w.n) {
			return result, false
		}
		return true, true
	}
	return result, false
}

// updatedItself reports whether the Device was at an update of its own between an offer and a process
// of bit that begins at upto, or, where that is no update, told to begin one: nothing may be left of the
// offer then.
func (s *story) updatedItself(bit ocf.DPM, from, upto int) bool {
	if !s.spontaneous() {
		return false
	}
	return bit != ocf.SSU && slices.ContainsFunc(s.granted, func(g grant) bool {
		return g.name == conformance.AutonomousUpdate && between(g.n, from, upto)
	}) || slices.ContainsFunc(s.samples, func(x conformance.Sample) bool {
		return between(x.N, from, upto) && x.Pstat.TM.Has(ocf.SSU)
	})
}

// foundAt reports whether the look n shows the end of a process of bit with a result in
// cm: then the Device had not given up.
func (s *story) foundAt(bit ocf.DPM, n int) bool {
	return slices.ContainsFunc(s.samples, func(x conformance.Sample) bool {
		return x.N == n && x.Pstat.CM.Has(bit) && !x.Pstat.TM.Has(bit)
	})
}

// truthUnknown says why truth does not know the true result.
func (s *story) truthUnknown(bit ocf.DPM, w write, upto int) string {
	arranged, offers := false, conformance.Offers()
	for i := range s.tl.Observations[:min(upto, len(s.tl.Observations))] {
		switch {
		case !s.arranges(i, offers...):
		case i > w.n:
			return "what the source offers was arranged anew while the " + process(bit) + " was pending"
		default:
			arranged = s.tl.Observations[i].Outcome == conformance.Done
		}
	}
	switch slow := s.delayed(w, upto); {
	case s.spontaneous():
		return "the Device may have used up the offer by itself"
	case !arranged:
		return "what the true result is was not arranged"
	case slow != "":
		return slow
	}
	return "what is left of the offer after an earlier update is not known"
}

// delayed says why the answer of the source to what w requested, or of the Device, came too
// late for the true result to be known: the Device may have given up its source. It is
// "" where nothing was late.
func (s *story) delayed(w write, upto int) string {
	sure, took := s.patience().Seconds(), s.slowest(w.n, upto)
	for _, g := range s.gates {
		if took := s.at(g.opened) - s.at(g.upto); g.opened != never && g.opened > w.n && g.from < upto && took > s.patience() {
			return fmt.Sprintf("the hook took %.3gs to release the source's answer, and after %.3gs the Device may have given up", took.Seconds(), sure)
		}
	}
	switch held := s.withheld(w, upto); {
	case held > s.patience():
		return fmt.Sprintf("the source's answer was withheld for %.3gs, and after %.3gs the Device may have given up", held.Seconds(), sure)
	case held > 0 && held+conformance.Lag(took) > s.patience():
		return fmt.Sprintf("the source's answer was withheld for %.3gs, answers took up to %.3gs each to arrive, and after %.3gs the Device may have given up", held.Seconds(), took.Seconds(), sure)
	case took > s.halfDeclared():
		return fmt.Sprintf("an answer took %.3gs, more than half of the declared time of %.3gs: the Device may have given up", took.Seconds(), 2*s.halfDeclared().Seconds())
	}
	return ""
}

// halfDeclared is half of the declared time of a process. Where an answer of the Device
// takes longer, nobody knows what else was late.
func (s *story) halfDeclared() time.Duration {
	return min(s.target.Timing.Validation, s.target.Timing.Update) / 2
}

// noneToBeHad reports whether the update was arranged not to succeed.
func (s *story) noneToBeHad(ep episode) bool {
	truth, known := s.truth(ep.bit, ep.w, ep.over())
	return known && !truth
}

// versionOf is the version that was read last when the end of ep had been seen, "" for
// none. end is the last look at it; whether the version was read before that look or after
// it makes no difference.
func (s *story) versionOf(ep episode, end conformance.Sample) string {
	return s.versionIn(min(end.N, ep.over()), s.replaced(end.N))
}

// replaced is what comes first after n and may give the Device other software: a restart, a
// reset, a process that it begins by itself, a move of dos, or a request for an update.
func (s *story) replaced(n int) int { return s.disturbed(n, s.mayUpdate) }

// installed reports whether the software is seen to be another one after ep.
func (s *story) installed(ep episode, end conformance.Sample) bool {
	before, after := s.versionBefore(ep.w.n), s.versionOf(ep, end)
	return ep.bit == ocf.SSU && before != "" && after != "" && before != after
}

// excused says which other requirement judges a result that is not the arranged
// one: the process ended in a reset, an update changed the software and its
// result was lost over a restart, or it may have installed what it had before the offer was withdrawn. The version may have been read as soon as the Device
// answered again, before anybody looked at pstat. It is "" where none does.
func (s *story) excused(ep episode, end conformance.Sample) string {
	if end.Pstat.DOS == ocf.RESET || end.Pstat.DOS == ocf.RFOTM {
		return "ended in " + end.Pstat.DOS.String() + " (DOS-1)"
	}
	restarts := ep.bit == ocf.SSU && (s.target.Update.Reboots || s.silentIn(ep.w.n, end.N))
	before, after := s.versionBefore(ep.w.n), s.versionIn(ep.w.n, s.concerned(ocf.SSU, end.N))
	if restarts && !end.Pstat.CM.Has(ocf.SSU) && before != "" && after != "" && before != after {
		return "changed the software, and its result was lost over a restart (SSU-13)"
	}
	if truth, known := s.truth(ep.bit, ep.w, ep.over()); known && !truth && ep.bit == ocf.SSU && (before == "" || after == "") && s.keptPackage(ep.w.n) {
		return "may have installed a package that had been fetched before, and the software version is not known"
	}
	return ""
}

// keptPackage reports whether the source is seen to have handed over a package that no update
// before n has been requested to install.
func (s *story) keptPackage(n int) bool {
	r, ok := s.reportBefore(n)
	return ok && r.Served > s.reports[0].Served && !slices.ContainsFunc(s.writes, func(w write) bool {
		return between(w.n, s.reports[0].n, n) && w.requests(ocf.SSU)
	})
}
