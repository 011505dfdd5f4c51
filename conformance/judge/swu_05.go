package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu05 = Requirement{
	ID: "SWU-5", Edition: OCF22,
	Clause: "oic.r.softwareupdate: swupdatestate is svv while a validation runs and upgrading while an update runs, as IoTivity-Lite and plgd name them",
	Says:   "swupdatestate agrees with tm",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "tm shows a validation or an update before and after a look, and swupdatestate is svv or upgrading",
		Fail: "swupdatestate says otherwise",
		Open: "pstat was not seen alike before and after a look, cm has the result already, or another process may have run between",
	},
	rule: planState,
}

// planState judges that the state of the software update and tm tell of the same process.
// A look counts that lies between two of pstat which show the same processes.
func planState(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, l := range s.plans.answers() {
		before, after, ok := s.around(l)
		tm := before.Pstat.TM & bothBits
		if l.err != nil || !l.x.Present.Has(ocf.UpdateState) {
			continue
		}
		if !ok || tm != after.Pstat.TM&bothBits {
			all = append(all, open(l.n, "swupdatestate and tm alike", "pstat was not seen alike before and after, so that a process may have begun or ended meanwhile"))
			continue
		}
		want := map[ocf.DPM]string{ocf.SVV: ocf.StateVerifying, ocf.SSU: ocf.StateUpgrading}[tm]
		got := "swupdatestate " + l.x.State
		switch runs := l.x.State == ocf.StateVerifying || l.x.State == ocf.StateUpgrading; {
		case want != "" && l.x.State != want && (before.Pstat.CM.Has(tm) || after.Pstat.CM.Has(tm)):
			all = append(all, open(l.n, "swupdatestate and tm alike", "cm has the result of the %s already, so that it may be over but for tm", process(tm)))
		case want != "" && l.x.State != want && s.nextToAct(before.Since) < after.N:
			all = append(all, open(l.n, "swupdatestate and tm alike", "one process may have ended and another one begun meanwhile"))
		case want != "" && l.x.State != want:
			all = append(all, s.answering(l.n, broken(l.n, "swupdatestate "+want, got, "tm shows %v before and after, and swupdatestate is %s", tm, l.x.State)))
		case want != "":
			all = append(all, s.answering(l.n, passed(l.n, "swupdatestate "+want, got, "tm shows %v, and so does swupdatestate", tm)))
		case tm == 0 && runs && (s.outstanding(l.since) != 0 || s.wroteIn(l.since, l.n)):
			all = append(all, open(l.n, "swupdatestate and tm alike", "tm shows no process before or after, but one that was requested may have run meanwhile"))
		case tm == 0 && runs:
			all = append(all, s.answering(l.n, s.unlessOwn(broken(l.n, "neither svv nor upgrading", got, "tm shows no process before or after, and swupdatestate is %s", l.x.State))))
		}
	}
	return all
}
