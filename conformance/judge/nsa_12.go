package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var nsa12 = Requirement{
	ID: "NSA-12", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_pstat_handle_target_mode: 256 in tm begins the software availability check",
	Says:   "an availability check downloads nothing, and begins neither validation nor update",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "report", Target: Validation | Availability},
	Verdicts: Verdicts{
		Pass: "the check ends, no package was asked for, and tm showed neither V nor U",
		Fail: "a package is asked for, or tm shows V or U, though a Client requested N alone",
		Open: "the source is not under control, or the end of the check was not seen",
	},
	rule: availabilityAlone,
}

// availabilityAlone judges that a request for N is one for N only: what IoTivity-Lite
// does by default, going on to download and to install, nobody has asked for.
func availabilityAlone(s *story) []conformance.Finding {
	const want = "no package asked for, and tm without V and U"
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.NSA) {
		all = append(all, s.aloneAt(ep, want))
	}
	return all
}

func (s *story) aloneAt(ep episode, want string) conformance.Finding {
	for _, x := range ep.samples {
		if more := x.Pstat.TM & bothBits; more != 0 {
			return s.unlessOwn(broken(x.N, want, x.String(), "tm shows %v, though a Client had requested an availability check alone", more))
		}
	}
	before, ok := s.reportBefore(ep.w.n)
	end, _ := last(ep.final)
	switch {
	case !ok:
		return open(ep.w.n, want, "the source is not under control: it gave no report before the request")
	case !ep.ended():
		return open(ep.w.n, want, "the end of the availability check was not seen")
	}
	if r, ok := s.fetched(before, ep.w.n, ep.upto); ok {
		if s.busyAfter(before.n, ep.w.n) {
			return open(r.n, want, "a package was asked for, which may have been for a process before the request")
		}
		return s.unlessOwn(broken(r.n, want, "a package was asked for", "a package was asked for, though a Client had requested an availability check alone"))
	}
	r, ok := s.reportAfter(end.N)
	if !ok || r.n >= ep.upto {
		return open(end.N, want, "no report of the source after the end of the availability check")
	}
	return passed(r.n, want, end.String(), "the availability check ended, and no package was asked for")
}
