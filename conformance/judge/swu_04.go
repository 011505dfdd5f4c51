package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu04 = Requirement{
	ID: "SWU-4", Edition: OCF22,
	Clause: "oic.r.softwareupdate: nv, swupdatestate, swupdateresult, lastupdate and signed are read-only",
	Says:   "a POST that writes a read-only Property is refused",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "such a POST is refused",
		Fail: "it is accepted",
		Open: "it went unanswered, or was answered with a fault",
	},
	rule: planReadOnly,
}

// planReadOnly judges that nobody writes what is read-only, as with pstat (docs/adr/0107).
func planReadOnly(s *story) []conformance.Finding {
	const want = "4.xx"
	var all []conformance.Finding
	for _, w := range s.plans.writes {
		if !w.x.Present.Has(ocf.UpdateWritable) || !s.privileged(w.client) {
			continue
		}
		for _, name := range []string{"nv", "swupdatestate", "swupdateresult", "lastupdate", "signed"} {
			if _, count := w.body.field(name); count > 0 {
				all = append(all, refusedPlan(w, want, "a POST with the read-only Property "+name))
			}
		}
	}
	return all
}
