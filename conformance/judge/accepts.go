package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// A rule that is given a bit is shared by check and update; bit says which of the
// two is judged. It looks at plain requests only: {tm: bit} to an idle Device,
// undisturbed to the end. What a disturbance does is judged with disturbance.go.

// accepts judges that a request by a privileged Client is taken (seed.txt
// 28-34, 45-48). A refused update is a breach only where a check had found
// one: without, USE-2 allows the refusal.
func accepts(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, w := range s.writes {
			if w.writesOnly(bit) && s.privileged(w.client) && s.idle(w.n) {
				all = append(all, s.accepts(bit, w))
			}
		}
		return all
	}
}

func (s *story) accepts(bit ocf.DPM, w write) conformance.Finding {
	want := "2.04, then " + pattern(bit.String(), "*")
	pre, _ := s.lastBefore(w.n)
	switch {
	case w.accepted():
		ep := s.episode(bit, w, s.disturbed(w.n, anyWrite))
		if n, how := s.ran(ep); how != "" {
			return passed(n, want, w.code+", then "+how, "the request was accepted and %s", how)
		}
		return open(w.end, want, "answered %s, but the process was never seen", w.code)
	case w.refused() && !w.plain:
		return open(w.end, want, "refused with %s; it was not sent as OCF Clients do, so it may be", w.code)
	case w.refused() && bit == ocf.SSU && w.code != conformance.CodeUnauthorized && !pre.Pstat.CM.Has(ocf.SVV):
		return open(w.end, want, "refused with %s; no check had found an update, so it may be (USE-2)", w.code)
	case w.code == conformance.CodeUnauthorized && s.shuts(pre, s.nextSeen(w.end)):
		return open(w.end, want, "refused with %s, as is another look at pstat: the Device is not what it was, nor whose", w.code)
	case w.refused():
		return s.unlessMissed(broken(w.end, want, w.code, "an idle Device in %v refused {tm: %d} from Client %s with %s", pre.Pstat.DOS, bit, w.client, w.code))
	case w.twice && w.code != "":
		return open(w.end, want, "answered %s, but it was sent again meanwhile, and a Device that has restarted for the first copy does not know it any more", w.code)
	case s.ignored(w) && s.mayHaveRestarted(w) && s.took(bit, w):
		return open(w.end, want, "not answered, but the update was seen: it may have restarted the Device, which then does not know the request any more")
	case s.ignored(w):
		return unseen(broken(w.end, want, "no answer", "an idle Device did not answer {tm: %d} within the retransmission budget", bit))
	}
	return open(w.n, want, "the request has no answer in the record")
}

// took reports whether anything was seen of the process of bit that w requested.
func (s *story) took(bit ocf.DPM, w write) bool {
	_, how := s.ran(s.episode(bit, w, s.disturbed(w.n, anyWrite)))
	return how != ""
}

// ran is the first trace of the process: tm.b=1, a changed cm.b, or a question
// that reached the source. n is -1, and how "", for none.
func (s *story) ran(ep episode) (n int, how string) {
	if ep.pending >= 0 {
		x := ep.samples[ep.pending]
		return x.N, "tm showed " + ep.bit.String()
	}
	for _, x := range ep.samples {
		if (x.Pstat.CM ^ ep.pre.Pstat.CM).Has(ep.bit) {
			return x.N, "cm changed to " + x.Pstat.CM.String()
		}
	}
	if r, ok := s.question(ep); ok {
		return r.n, "the source was asked"
	}
	return -1, ""
}
