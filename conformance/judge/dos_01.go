package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dos01 = Requirement{
	ID: "DOS-1", Lines: "61-62",
	Clause: "The process of updating Device software may involve state changes that affect the Device Operational State (/oic/sec/pstat.dos).",
	Says:   "dos may change during an update",
	Level:  May, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Update},
	Verdicts: Verdicts{
		Pass: "unchanged; or every step legal (NOTES.md, device states) and back where it began, or where the target declares",
		Fail: "an illegal step, or RESET or RFOTM reached by an update that does not declare it",
	},
	rule: dosLegal,
}

// dosLegal judges the device states of an update (seed.txt 61-62): unchanged,
// or back where it began or is declared to end, without RESET and RFOTM. Since
// states may pass unsampled, and RFPRO, RFNOP and SRESET are all reached from
// one another by legal steps, an illegal step between those three can't be told.
func dosLegal(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.updates() {
		if ep.pre.HasDOS() {
			all = append(all, s.dosLegal(ep))
		}
	}
	return all
}

func (s *story) dosLegal(ep episode) conformance.Finding {
	start, declared := ep.pre.Pstat.DOS, s.target.Update
	want := "dos=" + start.String() + " or a declared excursion"
	for _, x := range ep.samples {
		left := x.HasDOS() && (x.Pstat.DOS == ocf.RESET || x.Pstat.DOS == ocf.RFOTM)
		if left && !declared.AnyDOS && !slices.Contains(declared.DOS, x.Pstat.DOS) {
			return broken(x.N, want, x.String(), "the update took the Device to %v, which the target does not declare", x.Pstat.DOS)
		}
	}
	ends := []ocf.DOS{start}
	if n := len(declared.DOS); n > 0 {
		ends = append(ends, declared.DOS[n-1])
	}
	want = "dos=" + start.String() + " after the update"
	end, ok := s.rest(ep)
	switch {
	case !ok:
		return open(ep.w.n, want, "no GET a settle time after the end of the update")
	case !end.HasDOS():
		return open(end.N, want, "the last GET has no dos (DPM-13)")
	case s.unseenMove(ep.pre, ep.w):
		return open(end.N, want, "dos was moved or the Device restarted before the update, and nobody has looked since")
	case !declared.AnyDOS && !slices.Contains(ends, end.Pstat.DOS):
		f := broken(end.N, want, end.String(), "the update began in %v and left the Device in %v", start, end.Pstat.DOS)
		if end.Pstat.TM.Has(ocf.SSU) {
			f = s.unlessOwn(f) // which is at an update again
		}
		return f
	}
	return passed(end.N, want, end.String(), "the Device was in %v before the update and is in %v after it", start, end.Pstat.DOS)
}
