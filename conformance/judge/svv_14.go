package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv14 = Requirement{
	ID: "SVV-14", Lines: "28-34",
	Clause: "Setting the Initiate Software Version Validation bit in the /oic/sec/pstat.tm Property (see Table 40 of Section 13.6) indicates a request to initiate the software version validation process",
	Says:   "a request for a check is nothing else: om, sm and rowneruuid stay as they were",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation},
	Verdicts: Verdicts{
		Pass: "every GET during and after the check shows them as before",
		Fail: "one of them changes, though nobody wrote it",
	},
	rule: requestsNothingElse,
}

// requestsNothingElse judges that {tm: 64} is a request for a check and no
// replacement of pstat: what it does not name stays (seed.txt 28-34). What one
// representation lacks can't be compared with the other.
func requestsNothingElse(s *story) (all []conformance.Finding) {
	rest := func(p ocf.Pstat) string { return fmt.Sprintf("om=%d sm=%d rowneruuid=%v", p.OM, p.SM, p.Rowner) }
	for _, ep := range s.episodes(ocf.SVV) {
		all = append(all, open(ep.w.n, "om, sm and rowneruuid as before", "no GET after the request shows them as one before did"))
		for _, x := range s.looks(ep.w.end, ep.upto) {
			was, is, same := rest(ep.pre.Pstat), rest(x.Pstat), ep.hasPre && !s.outdated(ep.pre, ep.w, besidesTM) && x.Pstat.Present == ep.pre.Pstat.Present
			if same && was != is {
				all = append(all, broken(x.N, was, is, "a check was requested, and the rest of pstat changed with it"))
			} else if same {
				all = append(all, passed(x.N, was, is, "the request for a check left the rest of pstat as it was"))
			}
		}
	}
	return all
}

// besidesTM reports whether w writes anything but tm.
func besidesTM(w write) bool { return !w.writesMask(func(ocf.DPM) bool { return true }) }
