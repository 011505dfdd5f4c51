package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// truth is the result that the process of bit has to announce for w: what the
// source offered when it was requested, by the last condition that was
// granted. known is false where that does not tell: nothing was arranged, it
// was arranged anew meanwhile, the offer may be used up, or the answer was
// withheld, or the bench so slow, that the Device may have given up.
func (s *story) truth(bit ocf.DPM, w write, upto int) (result, known bool) {
	offer := grant{n: -1}
	for i := range s.tl.Observations[:min(upto, len(s.tl.Observations))] {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Condition || o.Name != conformance.UpdateAvailable && o.Name != conformance.NoUpdate && o.Name != conformance.UpdateFails {
			continue
		}
		if i > w.n {
			return false, false
		}
		if o.Outcome == conformance.Done {
			offer = grant{i, o.Name}
		}
	}
	switch offer.name {
	case conformance.NoUpdate:
		return false, true
	case conformance.UpdateFails:
		return false, bit == ocf.SSU
	case conformance.UpdateAvailable:
		if s.overheld(w, upto) || s.slowest(w.n, upto) > s.patience() {
			return false, false
		}
		for _, u := range s.writes {
			if u.n > offer.n && u.n < w.n && u.asks().Has(ocf.SSU) && !u.refused() {
				return false, false
			}
		}
		return true, true
	}
	return false, false
}

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
			}
		}
		return all
	}
}

func (s *story) announces(ep episode, result bool) conformance.Finding {
	want := state("-", pattern(ep.bit, result))
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
		case s.spontaneous():
			return open(end.N, want, "the Device may have used up the offer by itself")
		case !result && s.installed(ep, end):
			return open(end.N, want, "the software changed: what was fetched before was installed, though %s", offered(result))
		}
		return broken(end.N, want, end.String(), "%s, but the %s ended with cm=%v", offered(result), process(ep.bit), end.Pstat.CM)
	}
	for _, x := range ep.final {
		if x.Pstat.CM.Has(ep.bit) != result {
			return open(x.N, want, "cm.%v changed after the completion (%s-11)", ep.bit, family(ep.bit))
		}
	}
	if end.Notified {
		return open(end.N, want, "no GET after the completion shows that the result stays")
	}
	return passed(end.N, want, end.String(), "%s, and the %s ended with cm=%v", offered(result), process(ep.bit), end.Pstat.CM)
}

// installed reports whether the software is seen to be another one after ep.
func (s *story) installed(ep episode, end conformance.Sample) bool {
	before, after := s.versionBefore(ep.w.n), s.versionIn(end.N, ep.upto)
	return ep.bit == ocf.SSU && before != "" && after != "" && before != after
}

// unannounced finds an update that changed the software and ended with cm.U=0,
// whatever was arranged (seed.txt 49-51).
func (s *story) unannounced(ep episode) []conformance.Finding {
	end, ok := last(ep.final)
	if !ok || !ep.ended() || end.Notified || end.Pstat.CM.Has(ocf.SSU) || !s.installed(ep, end) || s.excused(ep, end) != "" {
		return nil
	}
	return []conformance.Finding{s.unlessOwn(broken(end.N, state("-", pattern(ocf.SSU, true)), end.String(),
		"the update changed the software from %s to %s and ended with cm=%v", s.versionBefore(ep.w.n), s.versionIn(end.N, ep.upto), end.Pstat.CM))}
}

// excused says which other requirement judges a result that is not as
// arranged: the process ended in a reset, or the result of an update that
// changed the software was lost over a restart. "" for none.
func (s *story) excused(ep episode, end conformance.Sample) string {
	if end.Pstat.DOS == ocf.RESET || end.Pstat.DOS == ocf.RFOTM {
		return "ended in " + end.Pstat.DOS.String() + " (DOS-1)"
	}
	restarts := ep.bit == ocf.SSU && (s.target.Update.Reboots || s.silentIn(ep.w.n, end.N))
	before, after := s.versionBefore(ep.w.n), s.versionIn(end.N, s.nextWrite(end.N))
	if restarts && !end.Pstat.CM.Has(ocf.SSU) && before != "" && after != "" && before != after {
		return "changed the software, and its result was lost over a restart (SSU-13)"
	}
	return ""
}

// nothingRan reports whether ep left no trace and the source was not asked.
func (s *story) nothingRan(ep episode, end conformance.Sample) bool {
	_, notAsked := s.notAsked(ep, end.N)
	return ep.pending < 0 && notAsked
}

// offered says in words what the truth of an update was.
func offered(result bool) string {
	if result {
		return "an update was on offer"
	}
	return "no update was to be had"
}

func family(bit ocf.DPM) string {
	if bit == ocf.SSU {
		return "SSU"
	}
	return "SVV"
}

// pattern is a cell for cm.b alone: the other bit may be either.
func pattern(bit ocf.DPM, set bool) string {
	other := ocf.SVV | ocf.SSU
	other = other.Without(bit)
	if set {
		return bit.String() + "+" + other.String() + "?"
	}
	return other.String() + "?"
}

// hasGate reports whether a gate was closed at some time of ep.
func (s *story) hasGate(ep episode) bool {
	_, _, ok := s.held(ep)
	return ok
}

// rising finds a cm.U that went from 0 to 1 while the answer was held. Where the
// gate was closed before the request, the source had told nothing by any look
// that came before it was opened, a notification's included.
func (s *story) rising(ep episode) []conformance.Finding {
	if !ep.hasPre || ep.pre.Pstat.CM.Has(ep.bit) {
		return nil
	}
	from, upto, _ := s.held(ep)
	closed := s.gateEnd(ep.w.n) > ep.w.n
	for _, x := range ep.samples {
		held := x.N < upto && (closed || !x.Notified && x.Since > from)
		if held && x.Pstat.CM.Has(ep.bit) {
			return []conformance.Finding{s.unlessOwn(broken(x.N, state(ep.bit.String(), pattern(ep.bit, false)), x.String(),
				"cm.%v rose from 0 to 1 while the source still held its answer", ep.bit))}
		}
	}
	return nil
}

// stale reports whether ep is a second check that shows the first one's 1 and
// never a 0 between: SVV-12 judges it.
func (s *story) stale(ep episode) bool {
	f, ok := s.ownResult(ep)
	return ep.bit == ocf.SVV && ok && f.Verdict == conformance.Fail
}

// ownResults judges that a second check does not repeat the first one's result
// (seed.txt 33-40).
func ownResults(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SVV) {
		if f, ok := s.ownResult(ep); ok {
			all = append(all, f)
		}
	}
	return all
}

// ownResult judges ep as the check after one that found an update; ok is false
// where it is no such check.
func (s *story) ownResult(ep episode) (f conformance.Finding, ok bool) {
	truth, known := s.truth(ocf.SVV, ep.w, ep.over())
	if !known || truth || !ep.hasPre || !s.foundBefore(ep) {
		return f, false
	}
	want := state("-", pattern(ocf.SVV, false))
	end, ok := last(ep.final)
	if !ok {
		return open(ep.w.n, want, "the end of the second check was not seen"), true
	}
	if !end.Pstat.CM.Has(ocf.SVV) {
		return passed(end.N, want, end.String(), "the first check found an update, the second one none, and cm says so"), true
	}
	for _, x := range ep.samples {
		if !x.Pstat.CM.Has(ocf.SVV) {
			return f, false // a new 1, and a wrong one: SVV-7
		}
	}
	if !ep.ended() {
		return open(end.N, want, "cm kept the 1 of the check before, but tm never showed that the second one was pending"), true
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

// stays judges that the result is in cm no later than tm loses bit, and is not
// changed afterwards without a new request (seed.txt 35-40, 49-54). A restart
// between is SSU-13's.
func stays(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, ep := range s.episodes(bit) {
			all = append(all, s.stays(ep))
		}
		if bit == ocf.SSU {
			all = append(all, s.claimed()...)
		}
		return all
	}
}

// claimed finds a cm.U that rises in a check: nobody requested an update that
// it could be the result of. A Device with updates of its own may say so there
// where the software did change, and one that was restarted may find there what
// it had done.
func (s *story) claimed() []conformance.Finding {
	var all []conformance.Finding
	if s.spontaneous() {
		return nil
	}
	for _, ep := range s.episodes(ocf.SVV) {
		if s.target.Supports.Autonomous && !s.sameSoftware(ep) {
			continue
		}
		since := -1 // the last update was seen to be over
		for _, w := range s.writes {
			if w.n < ep.w.n && w.asks().Has(ocf.SSU) && !w.refused() {
				since = max(since, s.end(ocf.SSU, w))
			}
		}
		looks := s.asked(since, ep.w.n)
		pre, ok := last(looks)
		if !ok || pre.Pstat.CM.Has(ocf.SSU) {
			continue
		}
		for _, x := range ep.samples {
			if x.Pstat.CM.Has(ocf.SSU) && !s.silentIn(since, x.N) {
				all = append(all, broken(x.N, state("*", pattern(ocf.SSU, false)), pre.String()+", then "+x.String(),
					"cm.U rose in a check, though no update was requested"))
				break
			}
		}
	}
	return all
}

// sameSoftware reports whether the software was read before and after ep, and
// is the same.
func (s *story) sameSoftware(ep episode) bool {
	before, after := s.versionBefore(ep.w.n), s.versionIn(ep.w.end, ep.upto)
	return before != "" && before == after
}

func (s *story) stays(ep episode) conformance.Finding {
	if ep.done < 0 {
		return open(ep.w.n, state("-", "*"), "tm was not seen to go from %v to -", ep.bit)
	}
	first := ep.samples[ep.done]
	result := first.Pstat.CM.Has(ep.bit)
	want := state("-", pattern(ep.bit, result)) + " from the completion on"
	if was, x, ok := ep.changed(); ok {
		if s.spontaneous() || s.silentIn(was.N, x.N) {
			return open(x.N, want, "cm.%v changed after the completion, but a restart or a process of the Device's own may be why", ep.bit)
		}
		return broken(x.N, want, was.String()+", then "+x.String(), "tm lost %v before the result was in cm, or cm changed afterwards, without a new request", ep.bit)
	}
	if end, _ := last(ep.final); end.Notified {
		return open(first.N, want, "no GET after the completion shows that the result stays")
	}
	return passed(first.N, want, first.String(), "the result was in cm when tm lost %v, and stayed", ep.bit)
}

// changed are the first two samples of which one is certainly after the
// completion, and the other certainly after that one and with another result.
// Observers may be told of the two in any order.
func (ep episode) changed() (was, is conformance.Sample, ok bool) {
	for i, was := range ep.samples {
		if was.Pstat.TM.Has(ep.bit) || !ep.follows(i) {
			continue
		}
		for _, is := range ep.final {
			if was.Before(is) && was.Pstat.CM.Has(ep.bit) != is.Pstat.CM.Has(ep.bit) {
				return was, is, true
			}
		}
	}
	return conformance.Sample{}, conformance.Sample{}, false
}
