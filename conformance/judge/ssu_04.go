package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu04 = Requirement{
	ID: "SSU-4", Lines: "48-49",
	Clause: "the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0 and initiates a software update process.",
	Says:   "a cm bit goes to 0 at the start: literally V, which reads like a slip for U",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate and cm.V=1 and cm.U=1 before", Target: Update},
	Verdicts: Verdicts{
		Pass: "V cleared (literal), U cleared (corrected), or both; the report names which",
		Fail: "neither is cleared while held",
		Note: "policy ssu_start_clears: either | literal | corrected | both; default either",
	},
	Course: Course{
		Of: ocf.SSU,
		Witness: []Step{
			{"Before", Requested, "Pending"},
			{"Before", Requested, "Literal"},
			{"Before", Requested, "Corrected"},
		},
		Breach: []Step{{"Before", Requested, "Kept"}},
	},
	rule: updateClears,
}

// updateClears judges that a cm bit goes to 0 at the start of an update
// (seed.txt 48-49). The sentence names V where U seems meant; the policy
// ssu_start_clears says which reading counts.
func updateClears(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SSU) {
		from, upto, ok := s.held(ep)
		if !ok {
			continue
		}
		for _, x := range s.looks(from, upto) {
			all = append(all, s.updateCleared(ep, x))
		}
	}
	return all
}

func (s *story) updateCleared(ep episode, x conformance.Sample) conformance.Finding {
	before := ocf.DPM(0)
	if ep.hasPre {
		before = ep.pre.Pstat.CM & (ocf.SVV | ocf.SSU)
	}
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if !s.hadBefore(bit, ep) {
			before = before.Without(bit)
		}
	}
	kept, cleared := before&x.Pstat.CM, before.Without(x.Pstat.CM)
	needed, either := ocf.SVV|ocf.SSU, false
	switch s.target.Policy.SSUStartClears {
	case "literal":
		needed = ocf.SVV
	case "corrected":
		needed = ocf.SSU
	case "both":
	default:
		either = true
	}
	want := "cm without " + needed.String() + " while held"
	if either {
		want = "cm without V, U or both while held"
	}
	got := x.String() + ", before cm=" + before.String()
	switch {
	case either && cleared != 0, !either && cleared.Has(needed):
		return passed(x.N, want, got, "the start of the update cleared %v in cm (%s)", cleared, readingOf(cleared))
	case either && before == ocf.SVV|ocf.SSU, !either && kept&needed != 0:
		return s.unlessOwn(broken(x.N, want, got, "the update had begun and the source held its answer, but cm still had %v", kept))
	}
	return open(x.N, want, "cm was %v before the request: V and U both have to be 1 to tell what the start clears", before)
}

// readingOf names the reading of seed.txt 48-49 that a Device follows which
// clears these bits.
func readingOf(cleared ocf.DPM) string {
	switch cleared {
	case ocf.SVV:
		return "the literal reading"
	case ocf.SSU:
		return "the corrected reading"
	}
	return "both readings"
}
