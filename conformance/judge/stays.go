package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// stays judges that the result is in cm no later than tm loses bit, and is not
// changed afterwards without a new request (seed.txt 35-40, 49-54). A restart
// between is SSU-13's.
func stays(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, ep := range s.episodes(bit) {
			all = append(all, s.stays(ep))
		}
		all = append(all, s.staysAfterOverlap(bit)...)
		if bit == ocf.SSU {
			all = append(all, s.claimed()...)
		}
		return all
	}
}

func (s *story) stays(ep episode) conformance.Finding {
	if ep.done < 0 {
		if f, ok := s.takesBack(ep); ok {
			return f
		}
		return open(ep.w.n, pattern("-", "*"), "tm was not seen to go from %v to -", ep.bit)
	}
	first := ep.samples[ep.done]
	result := first.Pstat.CM.Has(ep.bit)
	want := pattern("-", cell(ep.bit, result)) + " from the completion on"
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

// takesBack finds a result that an observer was told of after the request, and that
// was gone again before anything new was requested, though tm never showed the process:
// whatever the Device was at, one of the two is not the result. The observer has seen
// no such process before, and no such result. A restart, a move of dos and a process of
// the Device's own are other reasons.
func (s *story) takesBack(ep episode) (conformance.Finding, bool) {
	if !ep.hasPre || ep.pending >= 0 || ep.pre.Pstat.CM.Has(ep.bit) || s.spontaneous() {
		return conformance.Finding{}, false
	}
	told := map[int]conformance.Sample{} // by stream, the first that had the result
	for _, x := range s.samples {
		if !x.Notified || !between(x.N, ep.w.n, ep.upto) || x.Pstat.TM.Has(ep.bit) || !s.fresh(ep.bit, x.Stream, ep.w.n) {
			continue
		}
		was, seen := told[x.Stream]
		switch {
		case !seen && x.Pstat.CM.Has(ep.bit):
			told[x.Stream] = x
		case seen && was.Before(x) && !x.Pstat.CM.Has(ep.bit) && was.Pstat.DOS == x.Pstat.DOS && !s.silentIn(was.N, x.N):
			return broken(x.N, pattern("-", cell(ep.bit, true))+" from then on", was.String()+", then "+x.String(),
				"cm.%v was 1 after the request, and 0 again without a new one; tm never showed the process", ep.bit), true
		}
	}
	return conformance.Finding{}, false
}

// fresh reports whether the observation stream has told of no result of bit before n,
// and nobody requested one since it began: then no notification after n is a late one.
func (s *story) fresh(bit ocf.DPM, stream, n int) bool {
	return !slices.ContainsFunc(s.writes, func(w write) bool {
		return between(w.n, stream, n) && w.requests(bit)
	}) && !slices.ContainsFunc(s.samples, func(x conformance.Sample) bool {
		return x.Stream == stream && x.N < n && (x.Pstat.TM | x.Pstat.CM).Has(bit)
	})
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

// claimed finds a cm.U that rises during a check, though nobody requested an update
// that it could be the result of. It is no breach of a Device that has updates of
// its own, or that nobody arranges anything for, and whose software did change; nor of
// one that was restarted and found out what it had done.
func (s *story) claimed() []conformance.Finding {
	var all []conformance.Finding
	if s.spontaneous() {
		return nil
	}
	for _, ep := range s.episodes(ocf.SVV) {
		may := s.target.Supports.Autonomous || s.unarranged(ep.w.n) != ""
		if may && !s.sameSoftware(ep) {
			continue
		}
		since := -1 // the last update was seen to be over
		for _, w := range s.writes {
			if w.n < ep.w.n && w.requests(ocf.SSU) {
				since = max(since, s.end(ocf.SSU, w))
			}
		}
		looks := s.looks(since, ep.w.n)
		pre, ok := last(looks)
		if !ok || pre.Pstat.CM.Has(ocf.SSU) {
			continue
		}
		for _, x := range ep.samples {
			if x.Pstat.CM.Has(ocf.SSU) && !s.silentIn(since, x.N) {
				all = append(all, broken(x.N, pattern("*", cell(ocf.SSU, false)), pre.String()+", then "+x.String(),
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
