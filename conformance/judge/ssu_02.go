package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu02 = Requirement{
	ID: "SSU-2", Lines: "49",
	Clause: "and initiates a software update process.",
	Says:   "the update takes its software from the trusted source",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "report", Target: Update},
	Verdicts: Verdicts{
		Pass: "the package is fetched from the source",
		Fail: "success is announced and the package was never served",
		Open: "the source is not under control, or the package was fetched during the check",
	},
	rule: fetchesPackage,
}

// fetchesPackage judges that an update takes its software from the source
// (seed.txt 49). A package that was served before may be the one installed.
func fetchesPackage(s *story) []conformance.Finding {
	const want = "the package fetched from the trusted source"
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SSU) {
		before, ok := s.reportBefore(ep.w.n)
		if !ok {
			all = append(all, open(ep.w.n, want, "the source is not under control: it gave no report before the request"))
			continue
		}
		f, ok := s.unserved(ep, want)
		if !ok {
			f = s.fetches(ep, before, want)
		}
		all = append(all, f)
	}
	return all
}

// unserved finds an update that changed the software though the source has handed
// over nothing since the update before it changed the software: no package, or none
// that is whole and the source's own.
func (s *story) unserved(ep episode, want string) (f conformance.Finding, found bool) {
	x, _ := last(ep.final)
	if !x.Pstat.CM.Has(ocf.SSU) || !s.installed(ep, x) {
		return f, false
	}
	after, ok := s.reportAfter(x.N)
	if !ok || after.n > ep.upto {
		return f, false
	}
	for _, e := range s.episodes(ocf.SSU) {
		end, ok := last(e.final)
		if e.w.n >= ep.w.n || !ok || !s.installed(e, end) {
			continue
		}
		if r, ok := s.reportAfter(end.N); ok && r.n < ep.w.n && r.Served == after.Served {
			return s.unlessOwn(broken(after.n, want, "none served; "+x.String(),
				"the software is %s, but since it became %s the source has handed over no package that is whole and its own",
				s.versionOf(ep, x), s.versionOf(e, end))), true
		}
	}
	return f, false
}

func (s *story) fetches(ep episode, before sourceReport, want string) conformance.Finding {
	x, claims := ep.claims()
	after, reported := s.reportAfter(x.N)
	r, fetched := s.fetched(before, ep.w.n, ep.upto)
	fetched = fetched && !(claims && reported && after.n < r.n) // what is fetched later was not in what was announced
	switch {
	case fetched && s.fetchedByAnother(ep, before):
		return open(r.n, want, "a package was asked for, perhaps by an update that had begun before")
	case fetched && claims && s.handsOver() && reported && after.n < ep.upto && after.Served == before.Served:
		return open(after.n, want, "the package was asked for after the request, but none was handed over whole; it may have been fetched during a check")
	case fetched:
		return passed(r.n, want, "fetched", "the package was asked for after the request")
	}
	if r, ok := s.downloadedBefore(ep); ok && s.edition.Downloads() {
		return passed(r.n, want, "fetched", "the package was asked for by the validation before, which downloads it")
	}
	switch {
	case !claims:
		return open(ep.w.n, want, "no package was asked for, and no success was announced")
	case s.noneToBeHad(ep):
		return open(x.N, want, "a success was announced where there was none to be had (SSU-7)")
	case !reported || after.n >= ep.upto:
		return open(x.N, want, "no report of the source after the result")
	case after.Served == 0:
		return broken(after.n, want, "never served; "+x.String(), "the update was announced as done (%v) though no package was ever served", x)
	}
	return open(after.n, want, "the package was not asked for after the request; it may have been fetched during a check")
}

// handsOver reports whether the source is seen to count the packages that it hands over: a hook
// of one's own may leave that out.
func (s *story) handsOver() bool {
	return slices.ContainsFunc(s.reports, func(r sourceReport) bool { return r.Served > 0 })
}

// claims is the first look at the end of ep that has its result in cm.
func (ep episode) claims() (conformance.Sample, bool) {
	i := slices.IndexFunc(ep.final, func(x conformance.Sample) bool { return x.Pstat.CM.Has(ep.bit) })
	if i < 0 {
		return conformance.Sample{}, false
	}
	return ep.final[i], true
}

// fetchedByAnother reports whether an update other than ep may have fetched what the source
// counts since the report before: one that was requested or begun since, or that had not
// ended when ep was requested.
func (s *story) fetchedByAnother(ep episode, before sourceReport) bool {
	return s.requests(ocf.SSU, before.n, ep.w.n) > 0 || s.outstanding(ep.w.n).Has(ocf.SSU) ||
		slices.ContainsFunc(s.granted, func(g grant) bool {
			return g.name == conformance.AutonomousUpdate && between(g.n, before.n, ep.w.n)
		})
}

// downloadedBefore is the report by which a validation before ep had asked for a package,
// with no update requested since.
func (s *story) downloadedBefore(ep episode) (sourceReport, bool) {
	for _, e := range s.episodes(ocf.SVV) {
		before, ok := s.reportBefore(e.w.n)
		if !ok || s.requests(ocf.SSU, e.w.n, ep.w.n) > 0 {
			continue
		}
		if r, ok := s.fetched(before, e.w.n, ep.w.n); ok {
			return r, true
		}
	}
	return sourceReport{}, false
}
