package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu06 = Requirement{
	ID: "SWU-6", Edition: OCF22,
	Clause: "oic.r.softwareupdate: swupdateresult 1 is success; seed.txt 49-52: cm.U is 1 where the software was updated",
	Says:   "swupdateresult is success where cm.U says that the software was updated, and not otherwise",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Schedules | Update},
	Verdicts: Verdicts{
		Pass: "the last process was an update, and result and cm.U agree",
		Fail: "one of the two says success and the other does not",
		Open: "pstat was not seen alike before and after a look, no update was seen, or a restart or a move of dos came since",
	},
	rule: planResult,
}

// planResult judges that result and cm.U tell the same of the update that came last
// (docs/adr/0109). After a check the result may be the one of the check.
func planResult(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, l := range s.plans.answers() {
		before, after, ok := s.around(l)
		a, b := before.Pstat, after.Pstat
		if l.err != nil || !l.x.Present.Has(ocf.UpdateResultCode) {
			continue
		}
		if !ok || (a.TM|b.TM)&s.processes() != 0 || a.CM&ocf.SSU != b.CM&ocf.SSU {
			all = append(all, open(l.n, "swupdateresult and cm.U alike", "pstat was not seen at rest, and alike, before and after"))
			continue
		}
		says, is := l.x.Result == ocf.ResultSuccess, a.CM.Has(ocf.SSU)
		got := fmt.Sprintf("swupdateresult %d, cm=%v", l.x.Result, a.CM)
		switch {
		case says != is && !s.resultStands(l.n):
			if says || s.lastProcess(l.n) == ocf.SSU {
				all = append(all, open(l.n, "swupdateresult and cm.U alike", "no update was seen whose end both could tell of, or a restart or a move of dos may have cleared one of them since"))
			}
		case says && !is:
			all = append(all, s.answering(l.n, broken(l.n, "swupdateresult other than 1", got, "swupdateresult is success, and cm.U is 0")))
		case s.lastProcess(l.n) != ocf.SSU:
		case is && !says:
			all = append(all, s.answering(l.n, broken(l.n, "swupdateresult 1", got, "an update has just ended with cm.U=1, and swupdateresult is not success")))
		default:
			all = append(all, s.answering(l.n, passed(l.n, "swupdateresult and cm.U alike", got, "swupdateresult and cm.U tell the same of the update")))
		}
	}
	return all
}

// resultStands reports whether the process that tm showed last before n was an update, and
// nothing has happened since that may clear cm and leave swupdateresult, or the other way round: a
// restart by the bench, or a move of dos (docs/adr/0013, 0101). A Device that its own update restarts
// has to remember both.
func (s *story) resultStands(n int) bool {
	at := -1
	for _, x := range s.samples {
		if x.N < n && x.Pstat.TM&s.processes() != 0 {
			at = x.N
		}
	}
	for i := max(at, 0); i < min(n, len(s.tl.Observations)); i++ {
		if s.arrangesRestart(i) {
			return false
		}
	}
	return s.lastProcess(n) == ocf.SSU && !s.movedDOS(at, n)
}

// lastProcess is the process that tm showed last before n, 0 for none.
func (s *story) lastProcess(n int) ocf.DPM {
	last := ocf.DPM(0)
	for _, x := range s.samples {
		if tm := x.Pstat.TM & s.processes(); x.N < n && tm != 0 {
			last = tm
		}
	}
	return last
}
