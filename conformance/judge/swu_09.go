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
		Fail: "tm shows another process that nobody asked for, or its own for ever, or a package is asked for after an availability check alone",
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
	if y, stuck := s.neverEnds(w); !ended && stuck {
		return unseen(broken(y.N, want, y.String(), "the %s had been scheduled, and tm still had %v after the declared time", process(w.bit()), w.bit()))
	}
	if !ended {
		return open(w.n, want, "the end of the process was not seen")
	}
	return passed(x.N, want, x.String(), "the process ended, and nothing followed")
}

// neverEnds is a look at which tm shows the process that w scheduled still, when the declared time has
// passed since it was first seen and since each write after that. None of these requests a process or
// moves dos, and the Device was not restarted.
func (s *story) neverEnds(w scheduled) (conformance.Sample, bool) {
	first, ok := s.showing(w.bit(), w.n, w.upto)
	upto := min(w.upto, s.nextToAct(w.n))
	if !ok || first.N > upto || s.ownWill() || s.silentIn(first.N, upto) {
		return conformance.Sample{}, false
	}
	ep := s.through(s.begun(w.bit(), first, first.N), upto)
	ep = s.follow(ep)
	return s.unended(ep.ongoing(), ep)
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
