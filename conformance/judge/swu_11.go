package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu11 = Requirement{
	ID: "SWU-11", Edition: OCF22,
	Clause: "oic.r.softwareupdate, 2019-04-08: nv is the new available software version",
	Says:   "nv names other software than what is installed",
	Level:  Derived, Severity: conformance.Warn, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "nv is there, and the version that is read next is another one",
		Fail: "nv is the version of the installed software: a warning",
		Note: "nv is not required, so a Device may leave it out; nothing is concluded where the version was not read next, or an update may have come between",

		NeverOpen: true,
	},
	rule: newVersion,
}

// newVersion judges each nv by the version that is read next (docs/adr/0135).
func newVersion(s *story) []conformance.Finding {
	const want = "nv other than the installed version"
	var all []conformance.Finding
	for _, l := range s.plans.answers() {
		if l.err != nil || !l.x.Present.Has(ocf.UpdateNewVersion) {
			continue
		}
		installed, ok := s.versionAfter(l.n)
		got := "nv " + l.x.NewVersion + ", installed " + installed.version
		switch {
		case !ok: // an update may have come between, or nobody read the version
		case l.x.NewVersion == installed.version && s.spontaneous(): // an update of the Device's own may have come between
		case l.x.NewVersion == installed.version:
			all = append(all, s.answering(l.n, warned(broken(l.n, want, got, "nv says that %s is available, and it is installed", l.x.NewVersion))))
		default:
			all = append(all, s.answering(l.n, passed(l.n, want, got, "nv names software that is not installed")))
		}
	}
	return all
}

// versionAfter is the first version that was read after n, provided that no update was
// seen, requested or scheduled between.
func (s *story) versionAfter(n int) (reading, bool) {
	for _, r := range s.versions {
		if r.n > n && !r.reported {
			return r, s.updateRuns(n, r.n) == 0 && s.requests(ocf.SSU, n, r.n) == 0 && !s.updateDue(n, r.n)
		}
	}
	return reading{}, false
}

// updateDue reports whether a scheduled update, which tm had not shown before from, may begin
// before upto.
func (s *story) updateDue(from, upto int) bool {
	return slices.ContainsFunc(s.plans.writes, func(w planWrite) bool {
		_, ran := s.showing(ocf.SSU, w.n, from)
		return w.accepted() && w.bit() == ocf.SSU && !ran && w.n < upto && w.at.Before(s.wall(upto).Add(clocks))
	})
}

// updateRuns counts the updates that tm showed between two Observations.
func (s *story) updateRuns(from, upto int) int {
	runs, pending := 0, false
	for _, x := range s.samples {
		if x.N <= from || x.N >= upto {
			continue
		}
		is := x.Pstat.TM.Has(ocf.SSU)
		if is && !pending {
			runs++
		}
		pending = is
	}
	return runs
}
