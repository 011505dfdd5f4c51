package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu13 = Requirement{
	ID: "SSU-13", Lines: "49-54",
	Clause: "Once the Device has completed the software update process, it sets the Initiate Secure Software Update bit in the /oic/sec/pstat.cm property to 1 (TRUE) if/when the software was successfully updated or 0 (FALSE) if no update was performed.",
	Says:   "an update that restarts the Device still ends with cm.U and tm.U telling the truth",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "declared reboot", Target: Update | Reboots},
	Verdicts: Verdicts{
		Pass: "reachable again, tm.U=0, cm.U as the outcome was",
		Fail: "tm.U=1 for ever, or cm.U contradicts the software version",
	},
	rule: survivesRestart,
}

// survivesRestart judges that an update which restarts the Device, by its own
// declaration or by a power cycle, ends with cm.U and tm.U telling the truth
// (seed.txt 49-54).
func survivesRestart(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		if !w.writesOnly(ocf.SSU) || w.refused() || !s.idle(w.n) {
			continue
		}
		upto := s.concerned(ocf.SSU, w.n)
		rebooted := s.rebooted(w.n, upto)
		if rebooted >= 0 || s.target.Update.Reboots {
			all = append(all, s.survivesReboot(w, rebooted, upto))
		}
	}
	return all
}

func (s *story) survivesReboot(w write, rebooted, upto int) conformance.Finding {
	want := "reachable again, tm without U, and cm as the update ended"
	ep := s.episode(ocf.SSU, w, upto)
	due, known := s.dueWith(ep)
	if rebooted >= 0 {
		due = max(due, s.back(rebooted)+s.target.Timing.Update+s.target.Timing.Settle)
	}
	if n := s.goneAfter(due, w.n, rebooted, upto); n >= 0 && known {
		if s.respondsLate(n) {
			return open(n, want, "the Device answered again, but after the wait for its answer")
		}
		return unseen(broken(n, want, "no answer", "the Device did not answer again within the declared time"))
	}
	var end *conformance.Sample
	over := never
	for i, x := range ep.samples {
		if x.Notified || x.Since < rebooted {
			continue
		}
		late := known && s.past(due, w.n, x)
		if late && x.Pstat.TM.Has(ocf.SSU) {
			return s.unlessOwn(broken(x.N, want, x.String(), "tm still had U after the restart and the declared time"))
		}
		if !x.Pstat.TM.Has(ocf.SSU) && (late || over != never || s.fell(ep, x)) {
			end, over = &ep.samples[i], min(over, x.N)
		}
	}
	if end == nil {
		return open(w.n, want, "the end of the update was not seen")
	}
	if n := s.observedThrough(rebooted); n >= 0 {
		return open(n, want, "an observation of before the restart is told on after it: the Device was not restarted")
	}
	return s.truthAfterRestart(ep, *end, rebooted, over, want)
}

// dueWith is when ep has to be over where other processes were requested meanwhile, which
// may run before it: each of them has its declared time on top.
func (s *story) dueWith(ep episode) (due time.Duration, known bool) {
	due, known = ep.due, ep.known
	for _, v := range s.writes {
		for _, bit := range s.kinds() {
			if between(v.n, ep.w.n, ep.upto) && v.requests(bit) {
				d, ends := s.due(bit, v, ep.upto)
				due, known = max(due, d)+s.declared(ep.bit), known && ends
			}
		}
	}
	return due, known
}

// fell reports whether x is certainly after the end of ep: tm had the bit in a look before,
// and nobody has written it as 0 since, which a Device may store though the process goes
// on (docs/adr/0008).
func (s *story) fell(ep episode, x conformance.Sample) bool {
	return slices.ContainsFunc(ep.samples, func(p conformance.Sample) bool {
		return p.Pstat.TM.Has(ep.bit) && p.Before(x) && !slices.ContainsFunc(s.writes, func(v write) bool {
			_, modes := v.tm()
			return modes && !v.refused() && v.end > p.Since && between(v.n, ep.w.n, x.N)
		})
	})
}

// observedThrough is a notification to an observation that was registered before
// the reboot n and is told on when the Device answers again, -1 for none: a
// Device that was really restarted has forgotten it.
func (s *story) observedThrough(n int) int {
	back := false
	for i := n + 1; i < len(s.tl.Observations); i++ {
		o := &s.tl.Observations[i]
		if o.For == nil {
			continue
		}
		back = back || o.Kind == conformance.Response && *o.For > n
		if back && o.Kind == conformance.Notification && *o.For < n {
			return i
		}
	}
	return -1
}

// goneAfter is the first request sent after due that went unanswered for good; -1
// where there is none, or where the Device had answered a request that was sent
// after due, or after the reboot, before that. What it answers later is too late.
// One block of an answer shows that the Device is back, though over a slow network
// the wait for the answer may end before its last block comes.
func (s *story) goneAfter(due time.Duration, from, rebooted, upto int) int {
	for i := from; i < min(upto, len(s.tl.Observations)); i++ {
		o := &s.tl.Observations[i]
		switch {
		case o.Kind == conformance.Notification && o.At > due:
			return -1
		case responds(o) && (s.at(*o.For) > due || rebooted >= 0 && *o.For > rebooted):
			return -1
		case s.tl.Unanswered(i) && o.For != nil && s.at(*o.For) > due:
			return i
		}
	}
	return -1
}

// responds reports whether o is something that the Device answered to a request:
// the answer, one block of it, or a repetition. An empty ACK is no answer.
func responds(o *conformance.Observation) bool {
	switch {
	case o.For == nil:
		return false
	case o.Kind == conformance.Message:
		return o.Frame != nil && strings.IndexAny(o.Frame.Code, "245") == 0
	}
	return o.Kind == conformance.Response
}

// respondsLate reports whether something that the Device answered to the request
// which was lost at n came after the wait for it.
func (s *story) respondsLate(n int) bool {
	for i := n; i < len(s.tl.Observations); i++ {
		if o := &s.tl.Observations[i]; responds(o) && *o.For == *s.tl.Observations[n].For {
			return true
		}
	}
	return false
}

// truthAfterRestart judges end, the last look at the end of an update over a restart; over is
// the first. A version that was read since then counts, also after a request for a check, which
// changes no software.
func (s *story) truthAfterRestart(ep episode, end conformance.Sample, rebooted, over int, want string) conformance.Finding {
	w, claims := ep.w, end.Pstat.CM.Has(ocf.SSU)
	before, after := s.versionBefore(w.n), s.versionIn(over, ep.upto)
	if before != "" && after != "" {
		got := fmt.Sprintf("%v, version %s, then %s", end, before, after)
		if !claims && before != after && s.end(ocf.SSU, w) < rebooted {
			return open(end.N, want, "the update had ended before the restart, which may end a result in cm")
		}
		if claims != (before != after) {
			return s.unlessOwn(broken(end.N, want, got, "cm.U contradicts the software version after the restart"))
		}
		return passed(end.N, want, got, "the update ended, and cm.U agrees with the software version")
	}
	truth, known := s.truth(ocf.SSU, w, over)
	if rebooted < 0 && known && truth == claims {
		return passed(end.N, want, end.String(), "%s, and the update ended with cm=%v after the restart", offered(truth), end.Pstat.CM)
	}
	return open(end.N, want, "tm lost U, but the software version was not read before and after")
}
