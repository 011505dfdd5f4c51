package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu13 = Requirement{
	ID: "SWU-13", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_swupdate.h: swupdateresult 4 is a connection failure, 6 an invalid URL, 7 a protocol of the URL that is not supported",
	Says:   "swupdateresult blames no connection and no URL that the trusted source has seen to work",
	Level:  Derived, Severity: conformance.Warn, Actor: Device,
	Needs: Needs{Bench: "report", Target: Schedules | Update},
	Verdicts: Verdicts{
		Pass: "an update that failed names a cause that the source's log allows",
		Fail: "it blames the connection though each package that was asked for was handed over whole, or the URL though the package was asked for: a warning",
		Open: "the source is not under control, or something else may have asked it",
		Note: "the other codes speak of what goes on within the Device, which no log of the source tells",
	},
	rule: failureKnown,
}

// failureKnown judges the result of an update that failed by what the trusted source had
// seen of it (docs/adr/0135).
func failureKnown(s *story) []conformance.Finding {
	const want = "a cause that the source has seen"
	var all []conformance.Finding
	for _, l := range s.plans.answers() {
		if l.err != nil || l.x.Result <= ocf.ResultSuccess || s.lastProcess(l.since) != ocf.SSU {
			continue
		}
		fetches, served, ok := s.handedOver(l)
		got := fmt.Sprintf("swupdateresult %d; %d packages asked for, %d handed over whole", l.x.Result, fetches, served)
		switch {
		case !ok:
			all = append(all, open(l.n, want, "the source gave no report before and after, or more than this update was between"))
		case l.x.Result == ocf.ResultNoConnection && served > 0 && served == fetches:
			all = append(all, s.answering(l.n, warned(broken(l.n, want, got, "swupdateresult blames the connection, and each package that was asked for was handed over whole"))))
		case (l.x.Result == ocf.ResultBadURL || l.x.Result == ocf.ResultBadProtocol) && fetches > 0:
			all = append(all, s.answering(l.n, warned(broken(l.n, want, got, "swupdateresult blames the URL, and it led to the trusted source"))))
		default:
			all = append(all, s.answering(l.n, passed(l.n, want, got, "the source has seen nothing that speaks against it")))
		}
	}
	return all
}

// handedOver is what the source was asked for, and handed over whole, in the update that l
// tells the result of. ok is false where that is not known.
func (s *story) handedOver(l planLook) (fetches, served int, ok bool) {
	begin := s.latestUpdate(l.since)
	before, is := s.reportBefore(begin)
	after, are := s.reportAfter(l.n)
	if !is || !are || s.updateRuns(before.n, after.n) != 1 || s.spontaneous() {
		return 0, 0, false
	}
	for _, x := range s.samples {
		if between(x.N, before.n, after.n) && x.Pstat.TM.Without(ocf.SSU)&s.processes() != 0 {
			return 0, 0, false
		}
	}
	return after.Fetches - before.Fetches, after.Served - before.Served, true
}

// latestUpdate is the Observation with which the latest update before n is first seen in tm.
func (s *story) latestUpdate(n int) int {
	begin, pending := n, false
	for _, x := range s.samples {
		if x.N >= n {
			break
		}
		is := x.Pstat.TM.Has(ocf.SSU)
		if is && !pending {
			begin = x.N
		}
		pending = is
	}
	return begin
}
