package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

func (s *story) initiates(ep episode) conformance.Finding {
	want := "the " + process(ep.bit) + " runs and ends"
	if x, ok := ep.completion(); ok {
		if r, ok := s.notAsked(ep, x.N); ok && ep.bit != ocf.SSU {
			return open(r.n, want, "tm ran through %v, but the source was not asked (%s-2)", ep.bit, family(ep.bit))
		}
		return passed(x.N, want, x.String(), "tm showed %v, then not: the %s ran", ep.bit, process(ep.bit))
	}
	if x, ok := s.ranUnshown(ep); ok {
		return passed(x.N, want, x.String(), "tm never showed %v, but the source was asked and has answered, and cm is %v: the %s ran", ep.bit, x.Pstat.CM, process(ep.bit))
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

// ranUnshown finds the end of a process that tm never showed: the source was asked
// and holds no question any more, and then a GET shows a result that was not in cm
// before, or the Device at rest when the declared time was over.
func (s *story) ranUnshown(ep episode) (conformance.Sample, bool) {
	if ep.pending >= 0 || s.spontaneous() {
		return conformance.Sample{}, false
	}
	zero := !ep.pre.Pstat.CM.Has(ep.bit)
	for _, x := range ep.samples {
		one := x.Pstat.CM.Has(ep.bit)
		if s.answered(ep, x) && (zero && one || s.late(ep, x)) {
			return x, true
		}
		zero = zero || !one
	}
	return conformance.Sample{}, false
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

// neglected finds requests for bit that were written together with something else,
// were accepted, and started nothing, or were not seen to. A Device may refuse such a
// write, but its 2.04 says that tm was set.
func (s *story) neglected(bit ocf.DPM) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		m, _ := w.tm()
		_, moves := w.body.field("dos")
		if m != bit || moves > 0 || len(w.body.fields) < 2 || w.way != "" || !w.framed {
			continue
		}
		if !w.accepted() || !s.privileged(w.client) || !s.idle(w.n) {
			continue
		}
		if f := s.initiates(s.episode(bit, w, s.disturbed(w.n, anyWrite))); f.Verdict != conformance.Pass {
			all = append(all, f)
		}
	}
	return all
}
