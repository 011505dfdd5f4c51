package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// The rules of this file and of judge_result.go are those that check and
// update share; bit says which of the two is judged. They look at plain
// requests only: {tm: bit} to an idle Device, undisturbed to the end. What a
// disturbance does is the business of judge_overlap.go.

// accepts judges that a request by a privileged Client is taken (seed.txt
// 28-34, 45-48). A refused update is a breach only where a check had found
// one: without, USE-2 allows the refusal.
func accepts(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, w := range s.writes {
			if w.writesOnly(bit) && s.privileged(w.client) && s.idle(w.n) {
				all = append(all, s.accepts(bit, w))
			}
		}
		return all
	}
}

func (s *story) accepts(bit ocf.DPM, w write) conformance.Finding {
	want := "2.04, then " + state(bit.String(), "*")
	pre, _ := s.lastBefore(w.n)
	switch {
	case w.accepted():
		ep := s.episode(bit, w, s.disturbed(w.n, anyWrite))
		if n, how := s.ran(ep); n >= 0 {
			return passed(n, want, w.code+", then "+how, "the request was accepted and %s", how)
		}
		return open(w.end, want, "answered %s, but the process was never seen", w.code)
	case w.refused() && !w.plain:
		return open(w.end, want, "refused with %s; it was not sent as OCF Clients do, so it may be", w.code)
	case w.refused() && bit == ocf.SSU && w.code != conformance.CodeUnauthorized && !pre.Pstat.CM.Has(ocf.SVV):
		return open(w.end, want, "refused with %s; no check had found an update, so it may be (USE-2)", w.code)
	case w.code == conformance.CodeUnauthorized && s.shuts(pre, s.nextSeen(w.end)):
		return open(w.end, want, "refused with %s, as is another look at pstat: the Device is not what it was, nor whose", w.code)
	case w.refused():
		return broken(w.end, want, w.code, "an idle Device in %v refused {tm: %d} from Client %s with %s", pre.Pstat.DOS, bit, w.client, w.code)
	case w.twice && w.code != "":
		return open(w.end, want, "answered %s, but it was sent again meanwhile, and a Device that has restarted for the first copy does not know it any more", w.code)
	case s.ignored(w):
		return unseen(broken(w.end, want, "no answer", "an idle Device did not answer {tm: %d} within the retransmission budget", bit))
	}
	return open(w.n, want, "the request has no answer in the record")
}

// ran is the first trace of the process: tm.b=1, a changed cm.b, or a question
// that reached the source. n is -1 for none.
func (s *story) ran(ep episode) (n int, how string) {
	if ep.pending >= 0 {
		x := ep.samples[ep.pending]
		return x.N, "tm showed " + ep.bit.String()
	}
	for _, x := range ep.samples {
		if ep.hasPre && (x.Pstat.CM ^ ep.pre.Pstat.CM).Has(ep.bit) {
			return x.N, "cm changed to " + x.Pstat.CM.String()
		}
	}
	if r, ok := s.question(ep); ok {
		return r.n, "the source was asked"
	}
	return -1, ""
}

// question is the first report that shows a question more than before ep.
func (s *story) question(ep episode) (report, bool) {
	before, ok := s.reportBefore(ep.w.n)
	if !ok {
		return report{}, false
	}
	for _, r := range s.reports {
		if r.n > ep.w.n && r.n < ep.upto && r.asked() > before.asked() {
			return r, true
		}
	}
	return report{}, false
}

// notAsked is a report after n that still shows no question since before ep.
func (s *story) notAsked(ep episode, n int) (report, bool) {
	before, ok := s.reportBefore(ep.w.n)
	if _, asked := s.question(ep); !ok || asked {
		return report{}, false
	}
	r, ok := s.reportAfter(n)
	return r, ok && r.n < ep.upto && r.asked() == before.asked()
}

// consultsSource judges that a check asks a trusted source (seed.txt 30-33).
func consultsSource(s *story) []conformance.Finding {
	const want = "a question at the trusted source"
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SVV) {
		if _, ok := s.reportBefore(ep.w.n); !ok {
			all = append(all, open(ep.w.n, want, "the source is not under control: it gave no report before the request"))
			continue
		}
		if r, ok := s.question(ep); ok {
			all = append(all, passed(r.n, want, "asked", "the source was asked after the request"))
			continue
		}
		x, ok := announced(ep)
		if !ok {
			all = append(all, open(ep.w.n, want, "the source was not asked, and no result was announced"))
			continue
		}
		if r, ok := s.notAsked(ep, x.N); ok {
			all = append(all, broken(r.n, want, "not asked; "+x.String(),
				"a result was announced (%v) though the source was never asked", x))
			continue
		}
		all = append(all, open(x.N, want, "no report of the source after the result"))
	}
	return all
}

// announced is the sample by which ep's result was known.
func announced(ep episode) (conformance.Sample, bool) {
	if ep.done >= 0 {
		return ep.samples[ep.done], true
	}
	for _, x := range ep.samples {
		if ep.hasPre && !ep.pre.Pstat.CM.Has(ep.bit) && x.Pstat.CM.Has(ep.bit) {
			return x, true
		}
	}
	return conformance.Sample{}, false
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

// unserved finds an update that changed the software though the source has
// handed over nothing since the update before was seen to change it: no
// package, or none that is whole and the source's own.
func (s *story) unserved(ep episode, want string) (f conformance.Finding, found bool) {
	x, ok := last(ep.final)
	if !ok || !x.Pstat.CM.Has(ocf.SSU) || !s.installed(ep, x) {
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
				s.versionIn(x.N, ep.upto), s.versionIn(end.N, e.upto))), true
		}
	}
	return f, false
}

func (s *story) fetches(ep episode, before report, want string) conformance.Finding {
	for _, r := range s.reports {
		if r.n > ep.w.n && r.n < ep.upto && r.Fetches > before.Fetches {
			return passed(r.n, want, "fetched", "the package was asked for after the request")
		}
	}
	x, ok := last(ep.final)
	if !ok || !x.Pstat.CM.Has(ocf.SSU) {
		return open(ep.w.n, want, "no package was asked for, and no success was announced")
	}
	r, ok := s.reportAfter(x.N)
	switch {
	case s.noneToBeHad(ep):
		return open(x.N, want, "a success was announced where there was none to be had (SSU-7)")
	case !ok || r.n >= ep.upto:
		return open(x.N, want, "no report of the source after the result")
	case r.Served == 0:
		return broken(r.n, want, "never served; "+x.String(), "the update was announced as done (%v) though no package was ever served", x)
	}
	return open(r.n, want, "the package was not asked for after the request; it may have been fetched during a check")
}

// initiatesCheck judges that an accepted request starts a check (seed.txt 35).
func initiatesCheck(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SVV) {
		all = append(all, s.initiates(ep))
	}
	return append(all, s.neglected(ocf.SVV)...)
}

// neglected are requests for bit that came with something else and were
// accepted as a whole, and that were not followed: a Device may refuse them,
// but 2.04 says that tm was set.
func (s *story) neglected(bit ocf.DPM) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		m, ok := w.tm()
		_, moves := w.body.field("dos")
		if !ok || m != bit || moves > 0 || len(w.body.fields) < 2 || w.way != "" || !w.framed {
			continue
		}
		if !w.accepted() || !s.privileged(w.client) || !s.idle(w.n) {
			continue
		}
		if f := s.initiates(s.episode(bit, w, s.disturbed(w.n, anyWrite))); f.Verdict == conformance.Fail {
			all = append(all, f)
		}
	}
	return all
}

// initiatesUpdate judges that an accepted request starts an update, and that
// what it calls a success changed the software where that can be read
// (seed.txt 49).
func initiatesUpdate(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.episodes(ocf.SSU) {
		f := s.initiates(ep)
		if f.Verdict == conformance.Pass && s.target.Update.Version != "" {
			f = s.changedVersion(ep, f)
		}
		all = append(all, f)
	}
	return append(all, s.neglected(ocf.SSU)...)
}

func (s *story) initiates(ep episode) conformance.Finding {
	want := "the " + process(ep.bit) + " runs and ends"
	if ep.done >= 0 {
		x := ep.samples[ep.done]
		if r, ok := s.notAsked(ep, x.N); ok && ep.bit == ocf.SVV {
			return open(r.n, want, "tm ran through %v, but the source was not asked (SVV-2)", ep.bit)
		}
		return passed(x.N, want, x.String(), "tm showed %v, then not: the %s ran", ep.bit, process(ep.bit))
	}
	if x, ok := s.overdue(ep); ok {
		if r, ok := s.notAsked(ep, x.N); ok {
			return broken(r.n, want, x.String(), "accepted with %s, but by the declared time the source was not asked and pstat was %v", ep.w.code, x)
		}
		if len(s.reports) == 0 {
			return open(x.N, want, "the source is not under control, and tm never showed %v", ep.bit)
		}
	}
	return open(ep.w.n, want, "the %s was not seen to run to an end", process(ep.bit))
}

// overdue is the first GET that was sent after ep had to be over.
func (s *story) overdue(ep episode) (conformance.Sample, bool) {
	for _, x := range ep.samples {
		if s.late(ep, x) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// changedVersion judges f, an update that ran, by the installed version.
func (s *story) changedVersion(ep episode, f conformance.Finding) conformance.Finding {
	x, _ := last(ep.final)
	if !x.Pstat.CM.Has(ocf.SSU) {
		return f
	}
	before, after := s.versionBefore(ep.w.n), s.versionIn(x.N, ep.upto)
	want := "another software version than " + before
	switch {
	case before == "" || after == "":
		return open(x.N, want, "the software version was not read before and after the update")
	case before == after && s.noneToBeHad(ep):
		return open(x.N, want, "a success was announced where there was none to be had (SSU-7)")
	case before == after:
		return broken(x.N, want, "version "+after+"; "+x.String(), "the update was announced as done, but the software is still %s", after)
	}
	return f
}

// noneToBeHad reports whether the update was arranged not to succeed.
func (s *story) noneToBeHad(ep episode) bool {
	truth, known := s.truth(ep.bit, ep.w, ep.over())
	return known && !truth
}

func last(all []conformance.Sample) (conformance.Sample, bool) {
	if len(all) == 0 {
		return conformance.Sample{}, false
	}
	return all[len(all)-1], true
}
