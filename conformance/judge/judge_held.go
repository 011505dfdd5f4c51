package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// The rules of this file need the gate: only while the trusted source
// withholds its answer is the Device provably pending. A GET decides that was
// sent after the source reported the question and answered before the gate
// was opened. Before that report the Device may not have begun.

// pendingShows judges that tm.b reads 1 while the process is pending (seed.txt
// 101, 103).
func pendingShows(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		want := state(bit.String(), "*") + " while held"
		for _, ep := range s.episodes(bit) {
			from, upto, ok := s.held(ep)
			if !ok {
				continue
			}
			looks := s.asked(from, upto)
			if len(looks) == 0 {
				all = append(all, open(from, want, "no GET while the Device was provably pending"))
			}
			for _, x := range looks {
				all = append(all, s.pendingShown(ep, x, want))
			}
		}
		return all
	}
}

// pendingShown judges one look. What had shown the process pending before and
// has no result may have given up on the source.
func (s *story) pendingShown(ep episode, x conformance.Sample, want string) conformance.Finding {
	if x.Pstat.TM.Has(ep.bit) {
		return passed(x.N, want, x.String(), "tm showed %v while the source held its answer", ep.bit)
	}
	seen := false
	for _, p := range ep.samples {
		seen = seen || p.Pstat.TM.Has(ep.bit) && p.Before(x)
	}
	if s.at(x.N)-s.at(ep.w.n) > s.patience() || seen && !x.Pstat.CM.Has(ep.bit) {
		return open(x.N, want, "the Device may have given up on the source, which held its answer for %.3gs", (s.at(x.N) - s.at(ep.w.n)).Seconds())
	}
	return s.unlessOwn(broken(x.N, want, x.String(), "tm did not show %v though the source still held its answer", ep.bit))
}

// checkClears judges that cm.V is 0 from the start of a check (seed.txt 34-35).
// A pass needs cm.V=1 before; a 1 while held is a breach whatever was before.
func checkClears(s *story) []conformance.Finding {
	var all []conformance.Finding
	want := state("V", pattern(ocf.SVV, false)) + " while held"
	for _, ep := range s.episodes(ocf.SVV) {
		all = append(all, s.restored(ep, want)...)
		from, upto, ok := s.held(ep)
		if !ok {
			continue
		}
		all = append(all, s.toldFound(ep, from, upto, want)...)
		for _, x := range s.asked(from, upto) {
			switch {
			case x.Pstat.CM.Has(ocf.SVV):
				f := broken(x.N, want, x.String(), "cm still had V though the check had begun and the source held its answer")
				all = append(all, s.unlessOwn(f))
			case !x.Pstat.TM.Has(ocf.SVV):
				all = append(all, open(x.N, want, "tm did not show V (SVV-10)"))
			case ep.hasPre && ep.pre.Pstat.CM.Has(ocf.SVV):
				all = append(all, passed(x.N, want, x.String(), "cm had V before the request and lost it at the start of the check"))
			default:
				all = append(all, open(x.N, want, "cm did not have V before the request, so nothing was there to be cleared"))
			}
		}
	}
	return all
}

// toldFound finds a notification by which the check had found something, or
// still had, though the source held its answer: one that came before the gate
// was opened.
func (s *story) toldFound(ep episode, from, upto int, want string) []conformance.Finding {
	for _, x := range ep.samples {
		if x.Notified && x.N > from && x.N < upto && x.Pstat.CM.Has(ocf.SVV) && !x.Pstat.TM.Has(ocf.SVV) {
			return []conformance.Finding{s.unlessOwn(broken(x.N, want, x.String(), "the check ended with V in cm though the source still held its answer"))}
		}
	}
	return nil
}

// restored finds a check that is pending again after a restart with cm.V=1,
// though the source has held its answers since before it was requested.
func (s *story) restored(ep episode, want string) []conformance.Finding {
	upto := s.nextWrite(ep.w.n)
	rebooted := s.rebooted(ep.w.n, upto)
	if rebooted < 0 {
		return nil
	}
	for _, g := range s.gates {
		if g.from > ep.w.n || g.upto < rebooted {
			continue
		}
		for _, x := range s.asked(rebooted, min(g.upto, upto)) {
			if x.Pstat.TM.Has(ocf.SVV) && x.Pstat.CM.Has(ocf.SVV) {
				return []conformance.Finding{s.unlessOwn(broken(x.N, want, x.String(), "after the restart the check is pending with V in cm, though the source never answered it"))}
			}
		}
	}
	return nil
}

// shownBefore reports whether the process was seen pending before n.
func (ep episode) shownBefore(n int) bool {
	for _, x := range ep.samples {
		if x.N < n && x.Pstat.TM.Has(ep.bit) {
			return true
		}
	}
	return false
}

// updateClears judges that a cm bit goes to 0 at the start of an update
// (seed.txt 48-49). The sentence names V where U seems meant; the policy
// ssu_start_clears says which reading counts.
func updateClears(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SSU) {
		from, upto, ok := s.held(ep)
		if !ok {
			continue
		}
		for _, x := range s.asked(from, upto) {
			all = append(all, s.updateCleared(ep, x))
		}
	}
	return all
}

func (s *story) updateCleared(ep episode, x conformance.Sample) conformance.Finding {
	before := ocf.DPM(0)
	if ep.hasPre {
		before = ep.pre.Pstat.CM & (ocf.SVV | ocf.SSU)
	}
	kept, cleared := before&x.Pstat.CM, before.Without(x.Pstat.CM)
	needed, either := ocf.SVV|ocf.SSU, false
	switch s.target.Policy.SSUStartClears {
	case "literal":
		needed = ocf.SVV
	case "corrected":
		needed = ocf.SSU
	case "both":
	default:
		either = true
	}
	want := "cm without " + needed.String() + " while held"
	if either {
		want = "cm without V, U or both while held"
	}
	got := x.String() + ", before cm=" + before.String()
	switch {
	case either && cleared != 0, !either && cleared.Has(needed):
		return passed(x.N, want, got, "the start of the update cleared %v in cm (%s)", cleared, readingOf(cleared))
	case either && before == ocf.SVV|ocf.SSU, !either && kept&needed != 0:
		return s.unlessOwn(broken(x.N, want, got, "the update had begun and the source held its answer, but cm still had %v", kept))
	}
	return open(x.N, want, "cm was %v before the request: V and U both have to be 1 to tell what the start clears", before)
}

// readingOf names the reading of seed.txt 48-49 that a Device follows which
// clears these bits.
func readingOf(cleared ocf.DPM) string {
	switch cleared {
	case ocf.SVV:
		return "the literal reading"
	case ocf.SSU:
		return "the corrected reading"
	}
	return "both readings"
}

// pendingSurvivesZero judges that tm.V still reads 1 after a Client wrote V=0
// during a held check (seed.txt 40-41, 101): a warning, a fail under strict.
func pendingSurvivesZero(s *story) []conformance.Finding {
	var all []conformance.Finding
	want := state("V", "*") + " after {tm: 0}, while held"
	for _, z := range s.zeros(ocf.SVV) {
		looks := s.asked(z.w.end, min(z.heldUpto, z.next))
		if len(looks) == 0 {
			all = append(all, open(z.w.n, want, "no GET after the write while the source held its answer"))
		}
		for _, x := range looks {
			if x.Pstat.TM.Has(ocf.SVV) {
				all = append(all, passed(x.N, want, x.String(), "tm kept V though a Client wrote V=0 during the check"))
				continue
			}
			if s.at(x.N)-s.at(z.ep.w.n) > s.patience() {
				all = append(all, open(x.N, want, "the Device may have given up on the source"))
				continue
			}
			if !z.ep.shownBefore(z.w.n) {
				all = append(all, open(x.N, want, "tm did not show V before the write either (SVV-10)"))
				continue
			}
			f := broken(x.N, want, x.String(), "tm lost V when a Client wrote V=0, though the source still held its answer")
			f = s.unlessOwn(f)
			if !s.target.Policy.Strict {
				f = warned(f)
			}
			all = append(all, f)
		}
	}
	return all
}
