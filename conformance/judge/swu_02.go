package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu02 = Requirement{
	ID: "SWU-2", Edition: OCF22,
	Clause: "oic.r.softwareupdate, definition swupdate-update: required are purl, swupdateaction and updatetime",
	Says:   "a POST without one of purl, swupdateaction and updatetime is refused",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "such a POST is refused",
		Fail: "it is accepted",
		Open: "it went unanswered, or was answered with a fault",
	},
	rule: planTogether,
}

// planTogether judges that a POST carries all three Properties (docs/adr/0107).
func planTogether(s *story) []conformance.Finding {
	const want = "4.xx"
	var all []conformance.Finding
	for _, w := range s.plans.writes {
		has := w.x.Present & ocf.UpdateWritable
		if has == 0 || has != w.x.Present || !s.privileged(w.client) || len(w.body.fields) != 2 {
			continue
		}
		missing := ocf.UpdateWritable &^ has
		all = append(all, refusedPlan(w, want, "a POST without "+planWords(missing)))
	}
	return all
}

// refusedPlan judges that a POST was refused.
func refusedPlan(w planWrite, want, what string) conformance.Finding {
	switch {
	case w.code == "":
		return open(w.n, want, "%s went unanswered", what)
	case conformance.Fault(w.code):
		return open(w.end, want, "%s was answered %s, which is a fault and no refusal", what, w.code)
	case w.accepted():
		return broken(w.end, want, w.code, "%s was accepted", what).About(w.n)
	}
	return passed(w.end, want, w.code, "%s was refused", what).About(w.n)
}

// planWords names the Properties of a POST.
func planWords(p ocf.SoftwareUpdateProperties) string {
	switch p {
	case ocf.UpdateURL:
		return "purl"
	case ocf.UpdateAction:
		return "swupdateaction"
	case ocf.UpdateTime:
		return "updatetime"
	}
	return "two of the three Properties"
}
