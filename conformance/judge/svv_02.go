package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var svv02 = Requirement{
	ID: "SVV-2", Lines: "30-33",
	Clause: "the process whereby the Device validates the software (including firmware, operating system, device drivers, networking stack, etc.) against a trusted source",
	Says:   "the check consults a trusted source",
	Level:  Duty, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "report", Target: Validation},
	Verdicts: Verdicts{
		Pass: "at least one request reaches the source for the write",
		Fail: "a result is announced though the controlled source was never asked, or something is found though it answered nothing",
		Open: "the source is not under control, or out of reach",
	},
	rule: consultsSource(ocf.SVV),
}

// consultsSource judges that a check asks a trusted source (seed.txt 30-33).
func consultsSource(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding { return s.consultsSource(bit) }
}

func (s *story) consultsSource(bit ocf.DPM) []conformance.Finding {
	const want = "a question at the trusted source"
	var all []conformance.Finding
	for _, ep := range s.episodes(bit) {
		if _, ok := s.reportBefore(ep.w.n); !ok {
			all = append(all, open(ep.w.n, want, "the source is not under control: it gave no report before the request"))
			continue
		}
		all = append(all, s.consulted(ep, want))
	}
	return all
}

// consulted judges one process: what is asked after its result was announced was not asked for it.
func (s *story) consulted(ep episode, want string) conformance.Finding {
	q, asked := s.question(ep)
	x, result := announced(ep)
	if !result && !asked {
		return open(ep.w.n, want, "the source was not asked, and no result was announced")
	}
	r, reported := s.reportAfter(x.N)
	if before, _ := s.reportBefore(ep.w.n); reported && s.madeUp(ep, x, before, r) {
		return s.unlessOwn(broken(r.n, "an answer of the trusted source", "no question answered; "+x.String(), "a result was announced (%v) though the source answered no question", x))
	}
	if !result || asked && !(reported && r.n < q.n) {
		return passed(q.n, want, "asked", "the source was asked after the request")
	}
	if r, ok := s.notAsked(ep, x.N); ok {
		return broken(r.n, want, "not asked; "+x.String(), "a result was announced (%v) though the source was never asked", x)
	}
	switch {
	case reported && r.Unreachable:
		return open(r.n, want, "the source is out of reach: it may have been asked, and has not heard it")
	case s.spontaneous():
		return open(x.N, want, "the request may have met a check of the Device's own, which had asked")
	}
	return open(x.N, want, "no report of the source after the result")
}

// madeUp reports whether ep ended, as x shows, with something found, though the source says that
// all that it was asked between its reports before and r, of which ep's own question is one,
// is unanswered: it was out of reach, failed, or still has the question.
func (s *story) madeUp(ep episode, x conformance.Sample, before, r sourceReport) bool {
	asked := r.questions() - before.questions()
	_, ended := ep.completion()
	return ended && x.Pstat.CM.Has(ep.bit) && r.n < ep.upto && asked > 0 && r.Unanswered-before.Unanswered == asked && !s.busyAfter(before.n, ep.w.n)
}

// announced is the sample by which ep's result was known.
func announced(ep episode) (conformance.Sample, bool) {
	if ep.done >= 0 {
		return ep.samples[ep.done], true
	}
	for _, x := range ep.samples {
		if !ep.pre.Pstat.CM.Has(ep.bit) && x.Pstat.CM.Has(ep.bit) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}
