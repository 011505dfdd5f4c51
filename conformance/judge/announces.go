package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// announces judges that cm.b is result at completion where that is the truth
// (seed.txt 35-38, 49-52). An update's success must not show while the source
// still withholds its answer.
func announces(bit ocf.DPM, result bool) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, ep := range s.episodes(bit) {
			truth, known := s.truth(bit, ep.w, ep.over())
			if bit == ocf.SSU && result && s.hasGate(ep) {
				all = append(all, s.rising(ep)...)
			}
			switch {
			case known && truth == result:
				all = append(all, s.announces(ep, result))
			case bit == ocf.SSU && result:
				all = append(all, s.unannounced(ep)...)
				all = append(all, s.shownByVersion(ep)...)
			}
			if why := s.delayed(ep.w, ep.over()); !known && result && why != "" {
				all = append(all, open(ep.w.n, pattern("-", cell(bit, result)), "%s", why))
			}
		}
		return all
	}
}

func (s *story) announces(ep episode, result bool) conformance.Finding {
	want := pattern("-", cell(ep.bit, result))
	end, ok := last(ep.final)
	if !ok {
		return open(ep.w.n, want, "the end of the %s was not seen", process(ep.bit))
	}
	if end.Pstat.CM.Has(ep.bit) != result {
		switch {
		case !ep.ended():
			return open(end.N, want, "cm is %v, but tm never showed that the %s was pending", end.Pstat.CM, process(ep.bit))
		case s.excused(ep, end) != "":
			return open(end.N, want, "the %s %s", process(ep.bit), s.excused(ep, end))
		case s.nothingRan(ep, end):
			return open(end.N, want, "no %s was seen to run (%s-5)", process(ep.bit), family(ep.bit))
		case result && s.endedHeld(ep):
			return open(end.N, want, "the %s ended while its answer was withheld: the Device gave up its source", process(ep.bit))
		case s.stale(ep):
			return open(end.N, want, "cm kept the %v of the check before (SVV-12)", ep.bit)
		case ep.takenBack(result):
			return open(end.N, want, "cm.%v changed after the completion (%s-11)", ep.bit, family(ep.bit))
		case s.spontaneous():
			return open(end.N, want, "the Device may have used up the offer by itself")
		case !result && s.installed(ep, end):
			return open(end.N, want, "the software changed: what was fetched before was installed, though %s", offered(result))
		}
		return broken(end.N, want, end.String(), "%s, but the %s ended with cm=%v", offered(result), process(ep.bit), end.Pstat.CM)
	}
	for _, x := range ep.final[ep.proven:] { // before that a Device that does not show the process may still be at it
		if x.Pstat.CM.Has(ep.bit) != result {
			return open(x.N, want, "cm.%v changed after the completion (%s-11)", ep.bit, family(ep.bit))
		}
	}
	if _, how := s.ran(ep); how == "" && !s.installed(ep, end) {
		return open(end.N, want, "cm was %v before the request already, and nothing shows that a %s ran since", ep.pre.Pstat.CM, process(ep.bit))
	}
	if end.Notified {
		return open(end.N, want, "no GET after the completion shows that the result stays")
	}
	return passed(end.N, want, end.String(), "%s, and the %s ended with cm=%v", offered(result), process(ep.bit), end.Pstat.CM)
}

// takenBack reports whether ep had ended with result before cm showed another one.
func (ep episode) takenBack(result bool) bool {
	was, _, changed := ep.changed()
	return changed && was.Pstat.CM.Has(ep.bit) == result
}

// unannounced finds an update that changed the software and ended with cm.U=0,
// whatever was arranged (seed.txt 49-51). A cm.U that rose after the request and is gone in
// the end was set: SSU-11 says that it does not stay.
func (s *story) unannounced(ep episode) []conformance.Finding {
	end, _ := last(ep.final)
	if !ep.ended() || end.Notified || end.Pstat.CM.Has(ocf.SSU) || !s.installed(ep, end) || s.excused(ep, end) != "" {
		return nil
	}
	if !ep.pre.Pstat.CM.Has(ocf.SSU) {
		for _, x := range s.samples {
			if between(x.N, ep.w.n, end.N) && x.Pstat.CM.Has(ocf.SSU) {
				return []conformance.Finding{open(x.N, pattern("-", cell(ocf.SSU, true)), "cm.U was 1 after the request, and is 0 in the end (SSU-11)")}
			}
		}
	}
	return []conformance.Finding{s.unlessOwn(broken(end.N, pattern("-", cell(ocf.SSU, true)), end.String(),
		"the update changed the software from %s to %s and ended with cm=%v", s.versionBefore(ep.w.n), s.versionOf(ep, end), end.Pstat.CM))}
}

// shownByVersion finds an update that changed the software and said so, where nobody
// could arrange what is on offer: the change is the proof that there was something.
func (s *story) shownByVersion(ep episode) []conformance.Finding {
	end, _ := last(ep.final)
	if s.unarranged(ep.w.n) == "" || !ep.ended() || end.Notified || !end.Pstat.CM.Has(ocf.SSU) || !s.installed(ep, end) || s.beganHere() {
		return nil
	}
	return []conformance.Finding{passed(end.N, pattern("-", cell(ocf.SSU, true)), end.String(),
		"the update changed the software from %s to %s and ended with cm=%v", s.versionBefore(ep.w.n), s.versionOf(ep, end), end.Pstat.CM)}
}

// nothingRan reports whether ep left no trace and the source was not asked.
func (s *story) nothingRan(ep episode, end conformance.Sample) bool {
	_, notAsked := s.notAsked(ep, end.N)
	return ep.pending < 0 && notAsked
}

// hasGate reports whether a gate was closed at some time of ep.
func (s *story) hasGate(ep episode) bool {
	_, _, ok := s.held(ep)
	return ok
}

// rising finds a cm.U that went from 0 to 1 while the answer was held. Where the gate
// was closed before the request, the source had said nothing by the time of any
// look, or notification, that came before the gate was opened.
func (s *story) rising(ep episode) []conformance.Finding {
	if ep.pre.Pstat.CM.Has(ep.bit) {
		return nil
	}
	from, upto, _ := s.held(ep)
	closed := s.gateEnd(ep.w.n) > ep.w.n
	for _, x := range ep.samples {
		held := x.N < upto && (closed || x.Since > from)
		if held && x.Pstat.CM.Has(ep.bit) {
			return []conformance.Finding{s.unlessOwn(broken(x.N, pattern(ep.bit.String(), cell(ep.bit, false)), x.String(),
				"cm.%v rose from 0 to 1 while the source still held its answer", ep.bit))}
		}
	}
	return nil
}

// stale reports whether ep is a second check that still shows the 1 of the first,
// without any 0 between: SVV-12 judges that.
func (s *story) stale(ep episode) bool {
	f, _ := s.ownResult(ep)
	return ep.bit == ocf.SVV && f.Verdict == conformance.Fail
}

// ownResult judges ep as the check after one that found an update; ok is false
// where it is no such check.
func (s *story) ownResult(ep episode) (f conformance.Finding, ok bool) {
	truth, known := s.truth(ocf.SVV, ep.w, ep.over())
	if !known || truth || !s.foundBefore(ep) {
		return conformance.Finding{}, false
	}
	want := pattern("-", cell(ocf.SVV, false))
	end, ok := last(ep.final)
	if !ok {
		return open(ep.w.n, want, "the end of the second check was not seen"), true
	}
	if !end.Pstat.CM.Has(ocf.SVV) {
		return passed(end.N, want, end.String(), "the first check found an update, the second one none, and cm says so"), true
	}
	for _, x := range ep.samples {
		if !x.Pstat.CM.Has(ocf.SVV) {
			return conformance.Finding{}, false // a new 1, and a wrong one: SVV-7
		}
	}
	if _, how := s.ran(ep); how == "" || !ep.ended() {
		return open(end.N, want, "cm kept the 1 of the check before, but nothing shows that the second one ran"), true
	}
	return broken(end.N, want, end.String(), "no update was to be had, but cm kept the 1 of the check before"), true
}

// foundBefore reports whether an earlier check of this Timeline ended with
// cm.V=1, and cm.V was still 1 when ep was requested.
func (s *story) foundBefore(ep episode) bool {
	if !ep.pre.Pstat.CM.Has(ocf.SVV) {
		return false
	}
	for _, e := range s.episodes(ocf.SVV) {
		if end, ok := last(e.final); ok && e.w.n < ep.w.n && end.Pstat.CM.Has(ocf.SVV) {
			return true
		}
	}
	return false
}
