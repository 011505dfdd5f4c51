package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

var swu03 = Requirement{
	ID: "SWU-3", Edition: OCF22,
	Clause: "oic.r.softwareupdate: updatetime is the scheduled time to do the action; IoTivity-Lite refuses one that is over",
	Says:   "an action whose updatetime is over is refused",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "such a POST is refused",
		Fail: "it is accepted",
		Open: "it went unanswered, or was answered with a fault",
	},
	rule: planPast,
}

// planPast judges that no action is scheduled for a time that is over, by more than the
// clocks of a bench differ (docs/adr/0108).
func planPast(s *story) []conformance.Finding {
	const want = "4.xx"
	var all []conformance.Finding
	for _, w := range s.plans.writes {
		if w.whole() && w.bit() != 0 && s.privileged(w.client) && w.at.Before(s.wall(w.n).Add(-time.Minute)) {
			all = append(all, refusedPlan(w, want, "an action whose time is over, "+w.x.Time+","))
		}
	}
	return all
}
