package judge

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var ssu12 = Requirement{
	ID: "SSU-12", Lines: "40-41",
	Clause: "If the Initiate Software Version Validation bit of /oic/sec/pstat.tm is set to 0 (FALSE) by a Client, it has no effect on the validation process.",
	Says:   "{tm: 128} writes V=0 too, which must not touch a pending check (and {tm: 64} a pending update)",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Bench: "gate", Target: Validation | Update},
	Verdicts: Verdicts{
		Pass: "both processes end with their true results",
		Fail: "either is lost",
	},
	rule: otherIgnored,
}

// otherIgnored judges that a write of the one bit, which writes the other as 0,
// leaves the other's pending process alone (seed.txt 40-41, NOTES A15).
func otherIgnored(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
		other := (ocf.SVV | ocf.SSU).Without(bit)
		for _, d := range s.disturbances(bit, func(w write) bool { return w.writesOnly(other) }) {
			all = append(all, s.bothEnd(d, other).About(d.w.n))
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
	result, kept, over, both := false, false, never, ocf.SVV|ocf.SSU
	for i, x := range d.ep.samples {
		late := d.ep.known && s.past(due, d.w.n, x)
		kept = kept || x.Since > d.w.end && x.Pstat.TM.Has(d.bit)
		switch {
		case late && x.Pstat.TM&both != 0:
			return broken(x.N, want, x.String(), "%s during the %s: tm still had %v after the declared time", d.says(), process(d.bit), x.Pstat.TM&both)
		case x.Pstat.CM.Has(d.bit) && !x.Pstat.TM.Has(d.bit) && d.ep.follows(i):
			result = true
		}
		if x.Since > d.heldUpto && x.Pstat.TM&both == 0 && (late || d.ep.follows(i)) {
			end = &d.ep.samples[i]
			over = min(over, x.N)
		}
	}
	if x, ok := s.lateResult(d); ok {
		return broken(x.N, want, x.String(), "%s during the update: tm had lost U before the result was in cm", d.says())
	}
	switch x, displaced := s.displaced(d, over); {
	case displaced:
		return s.unlessOwn(broken(x.N, want, x.String(), "the %s was lost when %s was written: tm lost %v, and one question less was left at the source than had been asked", process(d.bit), d.says(), d.bit))
	case end == nil:
		return open(d.w.n, want, "the end of both was not seen")
	case !known || s.spontaneous():
		return open(end.N, want, "%s", s.truthUnknown(d.bit, d.ep.w, d.ep.over()))
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
	case truth && d.w.accepted() && !end.Pstat.CM.Has(ocf.SSU):
		return broken(end.N, want, end.String(), "the update that was accepted during the check was lost")
	case d.w.accepted() && !s.trace(d, other):
		return open(end.N, want, "the %s that was accepted during the %s left no trace", process(other), process(d.bit))
	case !truth && !kept:
		return open(end.N, want, "cm.%v=0 is also what a cancelled %s leaves", d.bit, process(d.bit))
	case truth && !s.ranOnTo(d, *end, kept):
		return s.notItsOwn(d, *end, want)
	}
	if f, ok := s.onlyClaimed(d, *end, want); ok && truth {
		return f
	}
	return passed(end.N, want, end.String(), "%s during the %s: both ended with their true results", d.says(), process(d.bit))
}

// lateResult finds a success of the update, the disturbed one or the one that d.w
// requested, that was not yet in cm when tm had lost U: nobody requested another one
// that it could be of. A d.w that wrote U as 0 may have been stored, and the update
// goes on (docs/adr/0008): then only one that still showed U after d.w has lost it by
// itself.
func (s *story) lateResult(d disturbance) (conformance.Sample, bool) {
	ep := d.ep
	if d.w.accepted() && d.w.asks().Has(ocf.SSU) {
		ep = s.episode(ocf.SSU, d.w, d.ep.upto)
	}
	if ep.bit != ocf.SSU || s.spontaneous() {
		return conformance.Sample{}, false
	}
	for i, end := range ep.samples {
		if (end.Pstat.TM | end.Pstat.CM).Has(ocf.SSU) || !ep.follows(i) || d.bit == ocf.SSU && !d.kept(end) {
			continue
		}
		for _, x := range ep.samples[i:] {
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

// kept reports whether tm showed the disturbed bit after d.w and before end. A
// notification is certainly of after d.w where it shows what d.w has requested.
func (d disturbance) kept(end conformance.Sample) bool {
	return slices.ContainsFunc(d.ep.samples, func(x conformance.Sample) bool {
		after := x.Since > d.w.end || x.Notified && x.N > d.w.n && x.Pstat.TM.Has(d.w.asks())
		return after && x.Pstat.TM.Has(d.bit) && x.Before(end)
	})
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
	_, asked := s.asked(before, d.w.n, d.ep.upto)
	return ok && asked
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
