package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv15 = Requirement{
	ID: "SVV-15", Edition: OCF22,
	Clause: "IoTivity-Lite: 64 in tm begins isvv, software version validation, which downloads and validates; plgd names it DOWNLOAD_AND_VALIDATE",
	Says:   "a validation that announces a valid package has downloaded it",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Bench: "report", Target: Validation},
	Verdicts: Verdicts{
		Pass: "a package is asked for after the request, or was since the last update",
		Fail: "cm.V=1 is announced though the source never served a package",
		Open: "the source is not under control, or no valid package was announced",
	},
	rule: validationDownloads,
}

// validationDownloads judges that cm.V=1 means that a package is there and valid: it
// has to have been fetched (docs/adr/0100).
func validationDownloads(s *story) []conformance.Finding {
	const want = "the package fetched from the trusted source"
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SVV) {
		before, ok := s.reportBefore(ep.w.n)
		if !ok {
			all = append(all, open(ep.w.n, want, "the source is not under control: it gave no report before the request"))
			continue
		}
		all = append(all, s.downloaded(ep, before, want))
	}
	return all
}

func (s *story) downloaded(ep episode, before sourceReport, want string) conformance.Finding {
	if r, ok := s.fetched(before, ep.w.n, ep.upto); ok {
		if s.busyAfter(before.n, ep.w.n) {
			return open(r.n, want, "the package was asked for, which may have been for a process before the request")
		}
		return passed(r.n, want, "fetched", "the package was asked for after the request")
	}
	x, _ := last(ep.final)
	if !x.Pstat.CM.Has(ocf.SVV) {
		return open(ep.w.n, want, "no package was asked for, and no valid one was announced")
	}
	truth, known := s.truth(ocf.SVV, ep.w, ep.over())
	r, after := s.reportAfter(x.N)
	switch {
	case known && !truth:
		return open(x.N, want, "a package was announced where there was none to be had (SVV-7)")
	case !ep.ended():
		return open(x.N, want, "tm never showed that the validation was pending")
	case !after || r.n >= ep.upto:
		return open(x.N, want, "no report of the source after the result")
	case r.Served == 0 && r.Fetches == 0:
		return s.unlessOwn(broken(r.n, want, "never served; "+x.String(), "a valid package was announced (%v) though none was ever asked for", x))
	}
	return open(r.n, want, "the package was not asked for after the request; an earlier process may have fetched it")
}
