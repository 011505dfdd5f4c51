package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dos03 = Requirement{
	ID: "DOS-3", Lines: "63-64",
	Clause: "be prepared for pending software update(s) to affect Device state(s) prior to completion of the update.",
	Says:   "dos changes of an update lie before its completion",
	Level:  Info, Severity: conformance.Warn, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "all between tm.U 0 to 1 and 1 to 0",
		Fail: "warn: dos moves afterwards",
	},
	rule: dosBefore,
}

// dosBefore judges that dos moves before the completion of an update, not
// after it (seed.txt 63-64, a warning).
func dosBefore(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.updates() {
		end, _ := ep.completion()
		if !end.HasDOS() {
			continue
		}
		f := open(end.N, "dos at rest after the completion", "no GET a settle time after the end of the update")
		if x, ok := s.rest(ep); ok && x.HasDOS() {
			f = passed(x.N, "dos="+end.Pstat.DOS.String(), x.String(), "dos did not move after the update had completed")
		}
		for _, x := range ep.samples {
			if !x.HasDOS() {
				continue
			}
			if x.Pstat.DOS == ocf.RESET || x.Pstat.DOS == ocf.RFOTM {
				f = open(x.N, "dos at rest after the completion", "the update reached %v (DOS-1)", x.Pstat.DOS)
				break
			}
			if s.spontaneous() && end.Before(x) && x.Pstat.TM.Has(ocf.SSU) {
				break // an update of the Device's own
			}
			if end.Before(x) && x.Pstat.DOS != end.Pstat.DOS {
				f = warned(broken(x.N, "dos="+end.Pstat.DOS.String(), x.String(), "dos moved to %v after tm had lost U", x.Pstat.DOS))
				break
			}
		}
		all = append(all, f)
	}
	return all
}
