package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu09 = Requirement{
	ID: "SWU-9", Edition: OCF22,
	Clause: "oic.r.softwareupdate: swupdateaction is the scheduled action; isac, isvv and upgrade are three of them",
	Says:   "a scheduled action does not go on to the next one",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "report", Target: Schedules},
	Verdicts: Verdicts{
		Pass: "the process ends, and tm shows no other",
		Fail: "tm shows another process that nobody asked for, or a package is asked for after an availability check alone",
		Open: "the end of the process was not seen",
	},
	rule: planAlone,
}

// planAlone judges that an action is one for its own process only: what IoTivity-Lite does
// by default, going on to validate and to install, nobody has asked for.
func planAlone(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.upcoming() {
		all = append(all, s.aloneSince(w).About(w.n))
	}
	return all
}

func (s *story) aloneSince(w scheduled) conformance.Finding {
	want := "tm with " + w.bit().String() + " alone, and then with nothing"
	began, ended := false, false
	var x conformance.Sample
	for _, x = range s.samples {
		if x.N < w.n || x.N > w.upto {
			continue
		}
		tm := x.Pstat.TM & s.processes()
		began = began || tm.Has(w.bit())
		ended = began && !tm.Has(w.bit())
		for _, bit := range s.kinds() {
			if !began || !tm.Has(bit) || s.requests(bit, -1, x.N) > 0 || s.plannedBefore(bit, x.N) {
				continue
			}
			if s.ownWill() {
				return open(x.N, want, "the Device begins processes by itself")
			}
			return s.ownPerhaps(broken(x.N, want, x.String(), "%v was scheduled, and tm shows %v as well", w.bit(), bit))
		}
	}
	if r, ok := s.fetchedAsWell(w); ok {
		return s.ownPerhaps(broken(r.n, want, "a package was asked for", "an availability check was scheduled, and a package was asked for, which nobody had requested"))
	}
	if !ended {
		return open(w.n, want, "the end of the process was not seen")
	}
	return passed(x.N, want, x.String(), "the process ended, and nothing followed")
}

// fetchedAsWell is the first report of a package that was asked for since w, an availability check, was
// scheduled, though neither a validation nor an update was requested or scheduled by then.
func (s *story) fetchedAsWell(w scheduled) (sourceReport, bool) {
	before, reported := s.reportBefore(w.n)
	r, ok := s.fetched(before, w.n, w.upto)
	if w.bit() != ocf.NSA || !reported || !ok || s.ownWill() {
		return r, false
	}
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		ok = ok && s.requests(bit, -1, r.n) == 0 && !s.plannedBefore(bit, r.n)
	}
	return r, ok
}

// plannedBefore reports whether bit was scheduled before n.
func (s *story) plannedBefore(bit ocf.DPM, n int) bool {
	return slices.ContainsFunc(s.plans.writes, func(w planWrite) bool { return w.n < n && w.accepted() && w.bit() == bit })
}
