package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// disturbance is a write that comes while the process of bit is provably
// pending on the request ep.w, and what was seen of the process to its end.
type disturbance struct {
	w        write
	bit      ocf.DPM
	ep       episode // as if w had not been written
	heldUpto int     // the gate opens
	next     int     // the write after w
}

// disturbances are the writes that meet which while a plain process of bit is
// held. Further writes of that sort may follow; any other ends the view, and so
// does a request once the gate is open, which may begin a process of its own.
func (s *story) disturbances(bit ocf.DPM, which func(write) bool) []disturbance {
	return s.disturbancesBy(bit, s.writes, which)
}

// disturbancesBy are those of candidates alone.
func (s *story) disturbancesBy(bit ocf.DPM, candidates []write, which func(write) bool) []disturbance {
	var all []disturbance
	for _, ep := range s.episodes(bit) {
		from, _, ok := s.held(ep)
		if !ok {
			continue
		}
		heldUpto := s.gateEnd(from)
		whole := s.episode(bit, ep.w, s.disturbed(ep.w.n, func(w write) bool {
			further := which(w) && (w.asks() == 0 || w.n < heldUpto)
			return !further && !w.refused()
		}))
		for _, w := range candidates {
			if w.n > from && w.n < heldUpto && w.n < whole.upto && which(w) {
				all = append(all, disturbance{w, bit, whole, heldUpto, s.disturbed(w.n, anyWrite)})
			}
		}
	}
	return all
}

// zeros are the writes of {tm: 0} to a provably pending process of bit.
func (s *story) zeros(bit ocf.DPM) []disturbance {
	return s.disturbances(bit, func(w write) bool { return w.writesOnly(0) })
}

// gateEnd is the opening of the gate whose window holds n.
func (s *story) gateEnd(n int) int {
	for _, g := range s.gates {
		if g.from <= n && n < g.upto {
			return g.upto
		}
	}
	return n
}

// survives judges that the process went on to its true result in spite of d.w.
// What tm reads after the write is SVV-13's and says nothing here, so the end
// is proven by tm.b=1 after the write and 0 later, by the result, or by the
// declared time. Whether a process that ends with cm.b=0 ran on or was
// cancelled shows only in the former.
func (s *story) survives(d disturbance) conformance.Finding {
	truth, known := s.truth(d.bit, d.ep.w, d.ep.over())
	want := "the " + process(d.bit) + " goes on to its true result"
	if known {
		want += ": " + state("-", pattern(d.bit, truth))
	}
	kept := false // tm.b=1 in a GET after the write
	var end *conformance.Sample
	for i, x := range d.ep.samples {
		has := x.Pstat.TM.Has(d.bit)
		switch {
		case x.Notified || x.Since < d.w.end:
		case has && s.late(d.ep, x):
			return broken(x.N, want, x.String(), "after %v the %s never ended: tm still had %v after the declared time", d.says(), process(d.bit), d.bit)
		case has:
			kept = true
		case x.Since > d.heldUpto && (kept || s.late(d.ep, x) || known && truth && x.Pstat.CM.Has(d.bit)):
			end = &d.ep.samples[i]
		}
	}
	if x, ok := d.again(); ok && !s.spontaneous() {
		return broken(x.N, want, x.String(), "after %v the %s ran again when it had ended", d.says(), process(d.bit))
	}
	if end == nil {
		return open(d.w.n, want, "the end of the %s was not seen after %v", process(d.bit), d.says())
	}
	switch {
	case !known || s.spontaneous():
		return open(end.N, want, "what the true result is was not arranged")
	case end.Pstat.CM.Has(d.bit) != truth && s.excused(d.ep, *end) != "":
		return open(end.N, want, "the %s %s", process(d.bit), s.excused(d.ep, *end))
	case end.Pstat.CM.Has(d.bit) != truth:
		return broken(end.N, want, end.String(), "%s, but after %v the %s ended with cm=%v", offered(truth), d.says(), process(d.bit), end.Pstat.CM)
	case !truth && !kept:
		return open(end.N, want, "cm.%v=0 is also what a cancelled %s leaves", d.bit, process(d.bit))
	}
	return passed(end.N, want, end.String(), "%v during the %s changed nothing: it ended with its true result", d.says(), process(d.bit))
}

// says is what d wrote.
func (d disturbance) says() string {
	if d.w.turned {
		return "a refused session"
	}
	v, count := d.w.body.field("tm")
	if count != 1 {
		return d.w.says()
	}
	return "tm=" + v.String()
}

// again is a sample with tm.b=1 that is certainly after one with tm.b=0, which
// is itself certainly after one with tm.b=1 and was seen with the gate open.
func (d disturbance) again() (conformance.Sample, bool) {
	for i, end := range d.ep.samples {
		if end.Pstat.TM.Has(d.bit) || end.N < d.heldUpto || !d.ep.follows(i) {
			continue
		}
		for _, x := range d.ep.samples[i+1:] {
			if x.Pstat.TM.Has(d.bit) && end.Before(x) {
				return x, true
			}
		}
	}
	return conformance.Sample{}, false
}

// rewriteIgnored judges that a bit written again while it is pending does not
// corrupt the process (seed.txt 33-55, NOTES A10).
func rewriteIgnored(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for _, d := range s.disturbances(bit, func(w write) bool { return w.writesOnly(bit) }) {
			all = append(all, s.survives(d))
		}
	}
	return all
}

// otherIgnored judges that a write of the one bit, which writes the other as 0,
// leaves the other's pending process alone (seed.txt 40-41, NOTES A15).
func otherIgnored(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		other := (ocf.SVV | ocf.SSU).Without(bit)
		for _, d := range s.disturbances(bit, func(w write) bool { return w.writesOnly(other) }) {
			all = append(all, s.bothEnd(d, other))
		}
	}
	return all
}

// bothEnd judges that the disturbed process, and the one that d.w requested if
// it was accepted, end with their true results. An update's start may clear
// the check's result at once (seed.txt 48-49), so a check before an update
// needs its 1 to be seen.
func (s *story) bothEnd(d disturbance, other ocf.DPM) conformance.Finding {
	want := "check and update both end with their true results"
	due := max(d.ep.due, s.dueOf(other, d)) + s.target.Timing.Validation
	truth, known := s.truth(d.bit, d.ep.w, d.ep.over())
	var end *conformance.Sample
	result, both := false, ocf.SVV|ocf.SSU
	for i, x := range d.ep.samples {
		late := d.ep.known && !x.Notified && s.at(x.Since) > due
		switch {
		case late && x.Pstat.TM&both != 0:
			return broken(x.N, want, x.String(), "%s during the %s: tm still had %v after the declared time", d.says(), process(d.bit), x.Pstat.TM&both)
		case x.Pstat.CM.Has(d.bit) && !x.Pstat.TM.Has(d.bit) && d.ep.follows(i):
			result = true
		}
		if !x.Notified && x.Since > d.heldUpto && x.Pstat.TM&both == 0 && (late || d.ep.follows(i)) {
			end = &d.ep.samples[i]
		}
	}
	if x, ok := s.lateResult(d); ok {
		return broken(x.N, want, x.String(), "%s during the update: tm had lost U before the result was in cm", d.says())
	}
	switch {
	case end == nil:
		return open(d.w.n, want, "the end of both was not seen")
	case !known || s.spontaneous():
		return open(end.N, want, "what the true result is was not arranged")
	case s.excused(d.ep, *end) != "":
		return open(end.N, want, "the %s %s", process(d.bit), s.excused(d.ep, *end))
	case !truth && end.Pstat.CM.Has(d.bit):
		return broken(end.N, want, end.String(), "no update was to be had, but the %s ended with cm=%v", process(d.bit), end.Pstat.CM)
	case truth && d.bit == ocf.SSU && !end.Pstat.CM.Has(ocf.SSU):
		return broken(end.N, want, end.String(), "the update was lost when %s was written while it was pending", d.says())
	case truth && !result && !end.Pstat.CM.Has(d.bit) && (d.w.refused() || !s.ranUpdate(d, end.N)):
		return broken(end.N, want, end.String(), "the check was lost when %s was written while it was pending", d.says())
	case truth && d.bit == ocf.SVV && !result:
		return open(end.N, want, "the check's result was not seen before the update cleared it")
	case truth && d.bit == ocf.SVV && d.w.accepted() && !end.Pstat.CM.Has(ocf.SSU):
		return broken(end.N, want, end.String(), "the update that was accepted during the check was lost")
	case d.w.accepted() && !s.trace(d, other):
		return open(end.N, want, "the %s that was accepted during the %s left no trace", process(other), process(d.bit))
	}
	return passed(end.N, want, end.String(), "%s during the %s: both ended with their true results", d.says(), process(d.bit))
}

// lateResult finds a success of the disturbed update that was not yet in cm
// when tm had lost U: nobody requested another one that it could be of.
func (s *story) lateResult(d disturbance) (conformance.Sample, bool) {
	if d.bit != ocf.SSU || s.spontaneous() {
		return conformance.Sample{}, false
	}
	for i, end := range d.ep.samples {
		if (end.Pstat.TM | end.Pstat.CM).Has(ocf.SSU) || !d.ep.follows(i) {
			continue
		}
		for _, x := range d.ep.samples[i+1:] {
			if x.Pstat.TM.Has(ocf.SSU) || s.silentIn(end.N, x.N) {
				break
			}
			if x.Pstat.CM.Has(ocf.SSU) && end.Before(x) {
				return x, true
			}
		}
	}
	return conformance.Sample{}, false
}

// trace reports whether anything was seen of the process of other that d.w
// requested: tm, a change of its result, or a question at the source.
func (s *story) trace(d disturbance, other ocf.DPM) bool {
	pre, _ := s.lastBefore(d.w.n)
	for _, x := range d.ep.samples {
		after := x.Notified && x.N > d.w.n || x.Since > d.w.end
		if after && (x.Pstat.TM.Has(other) || (x.Pstat.CM ^ pre.Pstat.CM).Has(other)) {
			return true
		}
	}
	before, ok := s.reportBefore(d.w.n)
	for _, r := range s.reports {
		if ok && r.n > d.w.n && r.n < d.ep.upto && r.asked() > before.asked() {
			return true
		}
	}
	return false
}

func (s *story) dueOf(bit ocf.DPM, d disturbance) time.Duration {
	due, _ := s.due(bit, d.w, d.ep.upto)
	return due
}

// ranUpdate reports whether an update was seen after d.w and before n.
func (s *story) ranUpdate(d disturbance, n int) bool {
	for _, x := range s.samples {
		if x.N > d.w.n && x.N <= n && (x.Pstat.TM | x.Pstat.CM).Has(ocf.SSU) {
			return true
		}
	}
	return false
}
