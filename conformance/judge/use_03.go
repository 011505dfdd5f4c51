package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
)

var use03 = Requirement{
	ID: "USE-3", Lines: "33-55",
	Clause: "When the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 1 (TRUE) by a sufficiently privileged OCF Client, the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0 and initiates a software version check.",
	Says:   "writing a bit again while it is pending does not corrupt the process",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate"},
	Verdicts: Verdicts{
		Pass: "one completion with the true result",
		Fail: "result lost, or two completions",
	},
	Course: Course{
		Of:     bothBits,
		Breach: []Step{{"Pending", Again, "Lost"}},
	},
	rule: rewriteIgnored,
}

// rewriteIgnored judges that a bit written again while it is pending does not
// corrupt the process (seed.txt 33-55, NOTES A10).
func rewriteIgnored(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
		for _, d := range s.disturbances(bit, func(w write) bool { return w.writesOnly(bit) }) {
			all = append(all, s.survives(d).About(d.w.n))
		}
		all = append(all, s.carriesOn(bit, func(w write) bool { return w.writesOnly(bit) })...)
	}
	return all
}
