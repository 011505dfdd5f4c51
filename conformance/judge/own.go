package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// What a Client writes while the Device is at a process of its own is judged here, for
// one that was told to begin it: the process takes the course of a requested one
// (seed.txt 66-69), so that a write changes as little of it (40-41, 54-55).

// ownDisturbances are the writes of tm while a process of bit that the Device was told
// to begin by itself is provably pending: tm has shown it, and the source withholds
// the answer to its question.
func (s *story) ownDisturbances(bit ocf.DPM) []disturbance {
	if !s.arrangedAlone() {
		return nil
	}
	modes := func(w write) bool {
		requests := w.writesMask(func(m ocf.DPM) bool { return m.Without(s.processes()) == 0 })
		none := w.asks() == 0 && w.writesMask(func(ocf.DPM) bool { return true })
		return s.privileged(w.client) && (requests || none || w.leavesTM())
	}
	var all []disturbance
	for _, ep := range s.autonomous(bit) {
		from, heldUpto := s.heldOwn(ep)
		whole := s.unasked(bit, s.samples[s.sampleAt(ep.w.n)], s.disturbed(ep.w.n, func(w write) bool {
			further := modes(w) && (w.asks() == 0 || w.n < heldUpto)
			return !further && !w.refused()
		}))
		for _, w := range s.writes {
			if between(w.n, from, min(heldUpto, whole.upto)) && modes(w) {
				all = append(all, disturbance{w: w, bit: bit, ep: whole, heldUpto: heldUpto})
			}
		}
	}
	return all
}

// heldOwn is the part of a gate's window in which the Device is provably pending on
// its own process ep, and on none that a Client requested: by the source's report of a
// question that it withholds, or, where the source does not report, by a gate that was
// closed before the Device was told to begin. It is empty where there is none.
func (s *story) heldOwn(ep episode) (from, upto int) {
	if s.outstanding(ep.w.n) != 0 {
		return from, upto
	}
	for _, g := range s.gates {
		if len(s.reports) == 0 && g.from < s.toldToBegin(ep) && ep.w.n < g.upto {
			return ep.w.n, g.upto
		}
		for _, r := range s.reports {
			if g.from < r.n && r.n < g.upto && r.Holding > 0 && ep.w.n < g.upto {
				return max(r.n, ep.w.n), g.upto
			}
		}
	}
	return from, upto
}

// toldToBegin is where the Device was told last, before ep was seen, to begin a process
// by itself; 0, which is before any gate was closed, where it was not.
func (s *story) toldToBegin(ep episode) (n int) {
	for _, g := range s.granted {
		if (g.name == conformance.AutonomousValidation || g.name == conformance.AutonomousUpdate) && g.n < ep.w.n {
			n = g.n
		}
	}
	return n
}

// ownSurvives judges that the Device's own process goes on to its true result in
// spite of d.w, and that a request which meets it finds cm.V cleared.
func (s *story) ownSurvives(d disturbance) conformance.Finding {
	truth, known := s.truth(d.bit, d.ep.w, d.ep.over())
	want := "the autonomous " + process(d.bit) + " goes on to its true result"
	kept, over, rests, alone := false, never, never, true
	var first, end *conformance.Sample
	for i, x := range d.ep.samples {
		has := x.Pstat.TM.Has(d.bit)
		if x.Since > d.heldUpto && x.Pstat.TM&s.processes() == 0 {
			rests = min(rests, x.N)
		}
		alone = alone && x.Pstat.TM&s.processes().Without(d.bit|d.w.asks()) == 0
		switch {
		case x.Since < d.w.end:
		case has && s.late(d.ep, x):
			return open(x.N, want, "the autonomous %s never ended (AUT-2)", process(d.bit))
		case has && d.bit == ocf.SVV && x.N < d.heldUpto && x.Pstat.CM.Has(ocf.SVV) && !s.givenUp(d.ep, x.N):
			return broken(x.N, pattern("V", cell(ocf.SVV, false))+" while held", x.String(), "after %s during the autonomous check cm had V, while the source still held its answer", d.says())
		case has:
			kept = true
		case x.Since > d.heldUpto && (kept || s.late(d.ep, x) || truth && x.Pstat.CM.Has(d.bit)):
			end = &d.ep.samples[i]
			if first == nil {
				first, over = end, x.N
			}
		}
	}
	if r, ok := s.withdrawn(d, over); ok {
		return broken(r.n, want, "the source holds no question any more", "after %s the autonomous %s was cancelled: its question was withdrawn from the source, which had not answered it", d.says(), process(d.bit))
	}
	if x, ok := s.displaced(d, rests); ok && d.w.asks()&^d.bit != 0 {
		return broken(x.N, want, x.String(), "the autonomous %s was lost when %s was written: tm lost %v, and one question less was left at the source than had been asked", process(d.bit), d.says(), d.bit)
	}
	if first != nil && first.Pstat.CM.Has(d.bit) != truth && end.Pstat.CM.Has(d.bit) == truth {
		return open(first.N, want, "cm.%v changed after the completion (%s-11)", d.bit, family(d.bit))
	}
	return s.ownEnds(d, end, kept, known && alone, truth, want)
}

// ownStuck finds a process of the Device's own that met d.w and never ended.
func (s *story) ownStuck(d disturbance) []conformance.Finding {
	for _, x := range d.ep.samples {
		if x.Pstat.TM.Has(d.bit) && s.late(d.ep, x) && !d.w.asks().Has(d.bit) {
			return []conformance.Finding{unseen(broken(x.N, pattern("-", "*")+" within the declared time", x.String(),
				"after %s the autonomous %s never ended: tm still had %v after the declared time", d.says(), process(d.bit), d.bit))}
		}
	}
	return nil
}

// ownEnds judges end, the last look at the end of the process.
func (s *story) ownEnds(d disturbance, end *conformance.Sample, kept, known, truth bool, want string) conformance.Finding {
	takes := d.bit == ocf.SVV && d.w.asks().Has(ocf.SSU) // the start of an update takes cm.V
	if end == nil {
		return open(d.w.n, want, "the end of the autonomous %s was not seen after %s", process(d.bit), d.says())
	}
	claims, unchanged := s.ownClaims(d.ep, *end)
	switch {
	case !known:
		return open(end.N, want, "what the true result is was not arranged")
	case s.excused(d.ep, *end) != "":
		return open(end.N, want, "the %s %s", process(d.bit), s.excused(d.ep, *end))
	case end.Pstat.CM.Has(d.bit) != truth && !(truth && takes):
		return broken(end.N, want, end.String(), "%s, but after %s the autonomous %s ended with cm=%v", offered(truth), d.says(), process(d.bit), end.Pstat.CM)
	case unchanged && (kept || s.late(d.ep, *end)) && !d.w.asks().Has(ocf.SSU):
		claims.Reason = "after " + d.says() + " " + claims.Reason
		return claims
	case !kept || d.w.asks().Has(d.bit):
		return open(end.N, want, "nothing shows that it was the autonomous %s that ended", process(d.bit))
	}
	return passed(end.N, want, end.String(), "%s during the autonomous %s changed nothing: it ended with its true result", d.says(), process(d.bit))
}

// keepsResult finds a process of the Device's own whose start has cleared nothing of
// cm, seen while the source withholds its answer. The start of a check clears cm.V
// (seed.txt 34-35), that of an update V or U (48-49).
func (s *story) keepsResult(ep episode) (f conformance.Finding, found bool) {
	for _, x := range ep.samples {
		if !x.Pstat.TM.Has(ep.bit) || s.givenUp(ep, x.N) || !s.heldBack(x) {
			continue
		}
		switch {
		case ep.bit == ocf.SVV && x.Pstat.CM.Has(ocf.SVV):
			return broken(x.N, pattern("V", cell(ocf.SVV, false))+" while held", x.String(),
				"the autonomous check kept cm.V=1 of the check before, while the source still held its answer"), true
		case ep.bit == ocf.SSU && (ep.pre.Pstat.CM & x.Pstat.CM).Has(bothBits):
			return broken(x.N, "cm without V, U or both while held", x.String(),
				"the autonomous update had begun and the source held its answer, but cm still had V and U"), true
		}
	}
	return f, false
}

// heldBack reports whether the source withheld an answer all the time from before x was
// asked for until it came.
func (s *story) heldBack(x conformance.Sample) bool {
	r, _ := s.reportBefore(x.Since)
	for _, g := range s.gates {
		if r.Holding > 0 && g.from < r.n && x.N < g.upto {
			return true
		}
	}
	return false
}

// tellsOwnStart judges that observers are told of a process that the Device began by
// itself and shows (seed.txt 69-71), while the source withholds its answer.
func (s *story) tellsOwnStart(bit ocf.DPM) []conformance.Finding {
	var all []conformance.Finding
	for _, ep := range s.autonomous(bit) {
		from, upto := s.heldOwn(ep)
		observers := s.active(ep.w.n)
		if ep.pre.Pstat.TM.Has(bit) || len(observers) == 0 {
			continue
		}
		shown := s.shown(bit, from, upto)
		if len(shown) == 0 { // it does not show the process
			continue
		}
		if len(s.reports) == 0 { // nothing else says for how long the process was pending
			upto = shown[len(shown)-1].N
		}
		ep.w.n = ep.pre.N
		all = append(all, s.tellsPending(ep, observers, from, upto))
	}
	return all
}

// shown are the looks between from and upto that show bit in tm.
func (s *story) shown(bit ocf.DPM, from, upto int) []conformance.Sample {
	return slices.DeleteFunc(s.looks(from, upto), func(x conformance.Sample) bool { return !x.Pstat.TM.Has(bit) })
}
