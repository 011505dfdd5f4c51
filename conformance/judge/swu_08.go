package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu08 = Requirement{
	ID: "SWU-8", Edition: OCF22,
	Clause: "oic.r.softwareupdate: idle is the swupdateaction that schedules nothing",
	Says:   "a POST of idle cancels what is scheduled",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "report", Target: Schedules},
	Verdicts: Verdicts{
		Pass: "the time of what was scheduled is over, tm never showed it, and the source was asked nothing",
		Fail: "tm shows it",
		Open: "the source is not under control, or nobody looked after the time",
	},
	rule: planCancelled,
}

// planCancelled judges that nothing begins at the time of an action that idle has
// cancelled.
func planCancelled(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.upcoming() {
		if w.next.x.Action != ocf.ActionIdle || !s.wall(w.upto).Before(w.at.Add(-clocks)) {
			continue
		}
		if x, ok := s.showing(w.bit(), w.n, w.upto); ok { // it began before it was cancelled
			all = append(all, open(x.N, "nothing", "it had begun when it was cancelled").About(w.n))
			continue
		}
		all = append(all, s.cancelled(w).About(w.upto))
	}
	return all
}

func (s *story) cancelled(w scheduled) conformance.Finding {
	const want = "no process, and no question to the source"
	upto := never
	for i, v := range s.plans.writes {
		if v.n == w.upto {
			upto, _ = s.plans.next(i)
		}
	}
	x, ran := s.showing(w.bit(), w.upto, upto)
	last, _ := s.lastBefore(min(upto, len(s.tl.Observations)))
	switch {
	case s.confused(w, upto):
		return open(w.n, want, "something else may have begun such a process")
	case ran:
		return s.ownPerhaps(broken(x.N, want, x.String(), "%v was cancelled by idle, and began all the same", w.bit()))
	case s.wall(last.N).Before(w.at.Add(late)):
		return open(w.n, want, "nobody looked after the time")
	}
	switch quiet, known := s.sourceRests(w.upto, upto, w.at.Add(late)); {
	case !known:
		return open(last.N, want, "the source is not under control, so a process may have come and gone")
	case !quiet:
		return open(last.N, want, "the source was asked something")
	}
	return passed(last.N, want, last.String(), "the time is over, and nothing has begun")
}
