package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu07 = Requirement{
	ID: "SWU-7", Edition: OCF22,
	Clause: "oic.r.softwareupdate: updatetime is the scheduled time to do the action that swupdateaction specifies",
	Says:   "a scheduled action begins at its time, and not before",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "report", Target: Schedules},
	Verdicts: Verdicts{
		Pass: "tm shows the process once its time has come",
		Fail: "tm shows it more than 2 s before, or the source was asked nothing though the time is 5 s over",
		Open: "the source is not under control, or nobody looked at the time",
	},
	rule: planBegins,
}

// planBegins judges that an action that nobody cancels begins at its time.
func planBegins(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.upcoming() {
		all = append(all, s.beginsAt(w).About(w.n))
	}
	return all
}

func (s *story) beginsAt(w scheduled) conformance.Finding {
	want := w.bit().String() + " in tm at " + w.x.Time
	switch {
	case s.confused(w, w.upto):
		return open(w.n, want, "something else may have begun such a process")
	case w.upto != never && s.wall(w.upto).Before(w.at.Add(late)):
		return s.notBefore(w, want)
	}
	x, ok := s.showing(w.bit(), w.n, w.upto)
	if ok && s.wall(x.N).Before(w.at.Add(-clocks)) {
		return s.ownPerhaps(broken(x.N, want, x.String(), "the process began before its time"))
	}
	if ok {
		return passed(x.N, want, x.String(), "the process was seen once its time had come")
	}
	last, _ := s.lastBefore(min(w.upto, len(s.tl.Observations)))
	if s.wall(last.N).Before(w.at.Add(late)) {
		return open(w.n, want, "nobody looked after the time")
	}
	if s.mayStayAway(w) {
		return open(last.N, want, "the process was not seen; the Device was away, not in RFNOP, or says in swupdateresult why it could not begin")
	}
	if x, ok := s.resultRose(w.bit(), w.n, w.upto); ok {
		return open(x.N, want, "the process was not seen, but its result was: it was over quickly, and had asked the source before")
	}
	if quiet, known := s.sourceRests(w.n, w.upto, w.at.Add(late)); quiet && known {
		return broken(last.N, want, last.String(), "the time is over, tm never showed the process, and the trusted source was asked nothing")
	}
	return open(last.N, want, "the process was not seen; it may have been over quickly")
}

// resultRose is the first look between n and upto with a result of bit in cm that the one before
// does not have.
func (s *story) resultRose(bit ocf.DPM, n, upto int) (conformance.Sample, bool) {
	pre, ok := s.lastBefore(n)
	for _, x := range s.samples {
		if between(x.N, n, upto) {
			if ok && !pre.Pstat.CM.Has(bit) && x.Pstat.CM.Has(bit) {
				return x, true
			}
			pre, ok = x, true
		}
	}
	return conformance.Sample{}, false
}

// notBefore judges an action that another write replaces: it may not have begun by then.
func (s *story) notBefore(w scheduled, want string) conformance.Finding {
	if x, ok := s.showing(w.bit(), w.n, w.upto); ok && s.wall(x.N).Before(w.at.Add(-clocks)) {
		return s.ownPerhaps(broken(x.N, want, x.String(), "the process began before its time"))
	}
	return open(w.n, want, "another write replaced it before its time")
}
