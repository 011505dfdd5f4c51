package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu10 = Requirement{
	ID: "SWU-10", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_swupdate.h: swupdateresult is 0 where nothing happened, 1 for success, and 2 to 8 say why an update failed",
	Says:   "swupdateresult says why an update failed",
	Level:  Derived, Severity: conformance.Warn, Actor: Device,
	Needs: Needs{Bench: conformance.UpdateFails, Target: Schedules | Update},
	Verdicts: Verdicts{
		Pass: "after an update that was made to fail it is 2 or more",
		Fail: "it is 0, as after a process that found nothing: a warning",
		Open: "pstat was not seen at rest, and alike, before and after a look",
		Note: "the text of the table of results could not be read. Which code stands for which failure is not judged; success is SWU-6's",
	},
	rule: failureNamed,
}

// failureNamed judges what swupdateresult says of an update that the bench made fail
// (docs/adr/0109).
func failureNamed(s *story) []conformance.Finding {
	const want = "swupdateresult 2 or more"
	var all []conformance.Finding
	for _, l := range s.plans.answers() {
		if l.err != nil || !l.x.Present.Has(ocf.UpdateResultCode) || !s.madeToFail(l.since) {
			continue
		}
		before, after, ok := s.around(l)
		got := fmt.Sprintf("swupdateresult %d, %v", l.x.Result, before.Pstat)
		switch {
		case !ok || (before.Pstat.TM|after.Pstat.TM)&s.processes() != 0:
			all = append(all, open(l.n, want, "pstat was not seen at rest, and alike, before and after"))
		case before.Pstat.CM.Has(ocf.SSU) || l.x.Result == ocf.ResultSuccess: // it did not fail, or SWU-6 judges what it says
		case l.x.Result == ocf.ResultIdle && !s.resultStands(l.n):
			all = append(all, open(l.n, want, "the Device was restarted, or dos was moved, since the update: the result may have been cleared"))
		case l.x.Result == ocf.ResultIdle:
			all = append(all, s.answering(l.n, s.unlessOwn(warned(broken(l.n, want, got, "the update was made to fail, and swupdateresult is 0, as if nothing had happened")))))
		default:
			all = append(all, s.answering(l.n, passed(l.n, want, got, "swupdateresult says why the update failed")))
		}
	}
	return all
}

// madeToFail reports whether the process that tm showed last before n was an update, and one
// that the bench had arranged to fail before it was requested, or begun.
func (s *story) madeToFail(n int) bool {
	offer, arranged := "", -1
	for _, g := range s.granted {
		switch g.name {
		case conformance.UpdateAvailable, conformance.NoUpdate, conformance.UpdateFails:
			if g.n < n {
				offer, arranged = g.name, g.n
			}
		}
	}
	begin := s.latestUpdate(n)
	return offer == conformance.UpdateFails && begin > arranged && s.lastProcess(n) == ocf.SSU && !s.outstanding(arranged).Has(ocf.SSU)
}
