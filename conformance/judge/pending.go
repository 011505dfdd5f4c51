package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// The rules of what is pending need the gate: only while the trusted source
// withholds its answer is the Device provably pending. What decides is a GET that
// was sent after the source had reported the question, and that was answered
// before the gate was opened. Before that report the Device may not have begun.

// pendingShows judges that tm.b reads 1 while the process is pending (seed.txt
// 101, 103).
func pendingShows(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		want := pattern(bit.String(), "*") + " while held"
		for _, ep := range s.episodes(bit) {
			from, upto, ok := s.held(ep)
			if !ok {
				continue
			}
			looks := s.looks(from, upto)
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

// pendingShown judges one look. A Device that had shown the process as pending, and
// now shows no result of it, may have given up on the source; but not one that shows the
// process, or a result of it, again.
func (s *story) pendingShown(ep episode, x conformance.Sample, want string) conformance.Finding {
	if x.Pstat.TM.Has(ep.bit) {
		return passed(x.N, want, x.String(), "tm showed %v while the source held its answer", ep.bit)
	}
	seen, again := false, false
	for _, p := range ep.samples {
		seen = seen || p.Pstat.TM.Has(ep.bit) && p.Before(x)
		again = again || (p.Pstat.TM|p.Pstat.CM).Has(ep.bit) && x.Before(p) && !s.silentIn(x.N, p.N)
	}
	if r, ok := s.fetchesAfter(ep, x); ok && seen && !again && !s.givenUp(ep, x.N) {
		return s.ownPerhaps(s.unlessOwn(broken(r.n, want, x.String()+", and a package asked for afterwards",
			"tm did not show %v though the source still held its answer, and the update went on: a package was asked for, and nobody had requested anything new", ep.bit)))
	}
	if s.givenUp(ep, x.N) || seen && !again && !x.Pstat.CM.Has(ep.bit) {
		return open(x.N, want, "the Device may have given up on the source, which held its answer for %.3gs", (s.at(x.N) - s.at(ep.w.n)).Seconds())
	}
	return s.unlessOwn(broken(x.N, want, x.String(), "tm did not show %v though the source still held its answer", ep.bit))
}

// fetchesAfter is the first report of a package that was asked for after x, for the update ep: nobody
// has requested anything, and the Device was not restarted, since then. What was asked for by the
// first report after x may have been asked for, and given up, before x.
func (s *story) fetchesAfter(ep episode, x conformance.Sample) (sourceReport, bool) {
	before, reported := s.reportAfter(x.N)
	r, ok := s.fetched(before, before.n, ep.upto)
	return r, ep.bit == ocf.SSU && reported && ok && !s.silentIn(x.N, r.n)
}

// pendingAndComplete judges what 1 and 0 of bit mean in tm (seed.txt 101-104):
// both rules have to hold in one Timeline, and either breaks it; so does a 1 that
// means nothing.
func pendingAndComplete(bit ocf.DPM, completion, pending rule) rule {
	return func(s *story) []conformance.Finding {
		if all := s.unrequested(bit); len(all) > 0 {
			return all
		}
		a, b := completion.conclude(s), pending.conclude(s)
		switch {
		case a.Verdict == conformance.Fail:
			return []conformance.Finding{a}
		case b.Verdict == conformance.Fail:
			return []conformance.Finding{b}
		case a.Verdict == conformance.Pass && b.Verdict == conformance.Pass:
			a.Reason = b.Reason + "; " + a.Reason
			return []conformance.Finding{a}
		case a.Verdict == conformance.Pass || b.Verdict == conformance.Pass:
			return []conformance.Finding{open(max(a.Witness, b.Witness), a.Want, "only one of pending and complete was seen")}
		}
		return nil
	}
}
