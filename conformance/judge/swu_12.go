package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu12 = Requirement{
	ID: "SWU-12", Edition: OCF22,
	Clause: "oic.r.softwareupdate, 2019-04-08: lastupdate is the time of the last software update, initially set on the date of manufacturing",
	Says:   "lastupdate changes with each update, and with nothing else",
	Level:  Derived, Severity: conformance.Warn, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "it changed with an update that changed the software version, or stayed where the version stayed",
		Fail: "it stayed though an update changed the version, or changed though the version stayed: a warning",
		Open: "the version was not read before and after, or there was more than one update, or all was within a second",
		Note: "whose clock it is by is not said, so the time itself is not judged",
	},
	rule: lastUpdate,
}

// lastUpdate judges two looks in a row that have lastupdate (docs/adr/0135).
func lastUpdate(s *story) []conformance.Finding {
	var all []conformance.Finding
	var before *planLook
	for _, l := range s.plans.answers() {
		if l.err != nil || !l.x.Present.Has(ocf.UpdateLast) {
			continue
		}
		if before != nil {
			all = append(all, s.answering(l.n, s.lastBetween(*before, l)))
		}
		before = &l
	}
	return all
}

// second is what a time of RFC 3339 may leave out, and what the answer of an earlier look
// may have been under way.
const second = 2 * time.Second

// lastBetween judges the looks a and b. What happened between them is known by the versions
// that were read before a and after b.
func (s *story) lastBetween(a, b planLook) conformance.Finding {
	got := "lastupdate " + a.x.Last + ", then " + b.x.Last
	from, to, ok := s.versionsAround(a.since, b.n)
	moved, runs := a.x.Last != b.x.Last, s.updateRuns(a.n, b.since)
	switch {
	case s.resetIn(a.since, b.n):
		return open(b.n, "lastupdate of the one update between", "the Device was reset meanwhile, which may bring back the date of manufacturing")
	case !ok || s.updateRuns(from.n, to.n) != runs || runs > 1:
		return open(b.n, "lastupdate of the one update between", "the version was not read before and after, or there was more than one update")
	case from.version == to.version && moved && runs == 0 && s.target.Supports.Autonomous:
		return open(b.n, "lastupdate as before", "the Device updates itself, and may have installed the same once more")
	case from.version == to.version && moved:
		return warned(s.unlessOwn(broken(b.n, "lastupdate as before", got, "the software is %s as before, and lastupdate is another time", to.version)))
	case from.version == to.version:
		return passed(b.n, "lastupdate as before", got, "nothing was installed, and lastupdate is as before")
	case moved:
		return passed(b.n, "another lastupdate", got, "the software was updated, and lastupdate is another time")
	case runs == 0 || s.wall(s.firstUpdate(a.n)).Sub(s.wall(a.n)) < second:
		return open(b.n, "another lastupdate", "nobody saw when the update ran, or it may have ended within the second that lastupdate names")
	}
	return warned(broken(b.n, "another lastupdate", got, "an update made %s of %s, and lastupdate is as before", to.version, from.version))
}

// resetIn reports whether the Device was reset to what it was delivered as between from and upto.
func (s *story) resetIn(from, upto int) bool {
	for i := max(from, 0); i < min(upto, len(s.tl.Observations)); i++ {
		if s.arranges(i, conformance.FactoryReset) || s.resets(i) {
			return true
		}
	}
	return false
}

// versionsAround are the versions that the Device showed last before one Observation, and
// first after another.
func (s *story) versionsAround(from, to int) (before, after reading, ok bool) {
	found := false
	for _, r := range s.versions {
		switch {
		case r.reported:
		case r.n < from:
			before, found = r, true
		case r.n > to:
			return before, r, found
		}
	}
	return before, after, false
}

// firstUpdate is the first Observation after n that shows an update in tm, or n itself.
func (s *story) firstUpdate(n int) int {
	for _, x := range s.samples {
		if x.N > n && x.Pstat.TM.Has(ocf.SSU) {
			return x.N
		}
	}
	return n
}
