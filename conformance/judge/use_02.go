package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var use02 = Requirement{
	ID: "USE-2", Lines: "45-55",
	Clause: "Setting the Initiate Secure Software Update bit in the /oic/sec/pstat.tm property (see Table 40 of Section 13.6) indicates a request to to initiate the software update process.",
	Says:   "U without a check before, V while U is pending, and 192 in one write stay coherent",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Validation | Update},
	Verdicts: Verdicts{
		Pass: "refused and unchanged; or every accepted bit completes with a true result",
		Fail: "accepted and stuck, or a false result",
	},
	rule: coherent,
}

// coherent judges U without a check before or while one is pending, V while U is pending, both in
// one write, and either with other low bits, whatever is pending (seed.txt 45-55, NOTES A8, A12, A21):
// refused and unchanged, or every accepted bit ends with a true result.
func coherent(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		if !s.unusual(w) || !s.privileged(w.client) {
			continue
		}
		switch {
		case w.accepted() && s.undefined(w):
			if x, ok := s.sticks(w); ok {
				all = append(all, s.stuck(w, x).About(w.n))
			}
		case w.accepted():
			all = append(all, s.endsTruly(w).About(w.n))
		case s.undefined(w): // whatever is not taken changes nothing: DPM-10
		case w.refused() && s.idle(w.n):
			all = append(all, s.unmoved(s.processes(), w, func(v write) bool { return v.n == w.n }).About(w.n))
		case w.refused():
			all = append(all, s.staysRefused(w).About(w.n))
		}
	}
	return all
}

// unusual reports whether w is one of the writes that coherent judges.
func (s *story) unusual(w write) bool {
	m, _ := w.tm()
	pre, _ := s.lastBefore(w.n)
	if len(w.body.fields) != 1 || w.asks() == 0 {
		return false
	}
	switch {
	case m == ocf.NSA:
		return s.outstanding(w.n) != 0
	case m == ocf.SVV:
		return s.outstanding(w.n).Has(ocf.SSU)
	case m == ocf.SSU && s.idle(w.n):
		return !pre.Pstat.CM.Has(ocf.SVV)
	case m == ocf.SSU:
		return pre.Pstat.DOS == ocf.RFNOP && s.outstanding(w.n).Has(ocf.SVV)
	}
	return s.idle(w.n) || pre.Pstat.DOS == ocf.RFNOP && s.outstanding(w.n) != 0
}

// undefined reports whether w writes a bit that this edition does not define beside V
// or U. A Device may take that for no request, and what it accepts has to end.
func (s *story) undefined(w write) bool {
	m, _ := w.tm()
	return m&s.edition.Undefined() != 0
}

// allDue is the time by which all that w and the writes before it requested has to be
// over; known is false where the source never answered.
func (s *story) allDue(w write, upto int) (due time.Duration, known bool) {
	due, known = s.due(ocf.SVV, w, upto)
	if (w.asks() | s.outstanding(w.n)).Has(ocf.SSU) {
		due += s.target.Timing.Update
		if s.target.Update.Reboots {
			due += s.target.Timing.Reboot
		}
	}
	if (w.asks() | s.outstanding(w.n)).Has(ocf.NSA) {
		due += s.target.Timing.Validation // one after the other
	}
	return due, known
}

// sticks is a look after the declared time at which tm still had what was requested.
func (s *story) sticks(w write) (x conformance.Sample, ok bool) {
	upto := s.disturbed(w.n, anyWrite)
	due, known := s.allDue(w, upto)
	for _, x := range s.looks(w.end, upto) {
		if known && s.past(due, w.n, x) && x.Pstat.TM&(w.asks()|s.outstanding(w.n)) != 0 {
			return x, true
		}
	}
	return x, false
}

const endsTruly = "every accepted bit ends with a true result"

// stuck is the finding of a process that had not ended at x.
func (s *story) stuck(w write, x conformance.Sample) conformance.Finding {
	return broken(x.N, endsTruly, x.String(), "%s was accepted, but tm still had %v after the declared time", w.says(), x.Pstat.TM&(w.asks()|s.outstanding(w.n)))
}

// endsTruly judges an accepted unusual write by what is left in the end.
func (s *story) endsTruly(w write) conformance.Finding {
	const want = endsTruly
	if x, ok := s.sticks(w); ok {
		return s.stuck(w, x)
	}
	upto := s.disturbed(w.n, anyWrite)
	asked := w.asks() | s.outstanding(w.n)
	due, known := s.allDue(w, upto)
	var over, end *conformance.Sample
	for i, x := range s.samples {
		if x.Since <= w.end || x.N >= upto {
			continue
		}
		late := known && s.past(due, w.n, x)
		if x.Pstat.TM&s.processes() == 0 && (late || s.sawPending(asked, w, x)) {
			end = &s.samples[i]
			if over == nil {
				over = end
			}
		}
	}
	if end == nil {
		return open(w.n, want, "the end of what %s requested was not seen", w.says())
	}
	return s.trueEnd(w, *end, min(upto, over.N), want)
}

// sawPending reports whether a bit of asked was seen in tm after w and before x.
func (s *story) sawPending(asked ocf.DPM, w write, x conformance.Sample) bool {
	for _, p := range s.samples {
		after := p.Since > w.end || p.Notified && p.N > w.n && s.quiet(p.Stream, w.n)
		if after && p.Pstat.TM&asked != 0 && p.Before(x) {
			return true
		}
	}
	return false
}

// trueEnd judges the results in end, of processes that were over at the index
// over. A result that says less than could be is true as long as nothing was
// installed: what was accepted need not be done.
func (s *story) trueEnd(w write, end conformance.Sample, over int, want string) conformance.Finding {
	for _, bit := range s.kinds() {
		truth, known := s.truth(bit, w, over)
		if !w.asks().Has(bit) || !known || s.spontaneous() || end.Pstat.CM.Has(bit) == truth {
			continue
		}
		plain := w.writesOnly(bit)
		switch {
		case !truth && bit == ocf.SVV && w.asks().Has(ocf.SSU) && s.heldBefore(bit, w.n) && !s.sawPending(bit, w, end):
			return open(end.N, want, "cm.V was 1 before %s, which may have started the update alone", w.says())
		case plain:
			return open(end.N, want, "the %s ended with cm=%v (%s-6, %s-7)", process(bit), end.Pstat.CM, family(bit), family(bit))
		case !truth:
			return broken(end.N, want, end.String(), "no update was to be had, but after %s cm.%v is 1", w.says(), bit)
		case bit == ocf.SVV && !w.asks().Has(ocf.SSU):
			return broken(end.N, want, end.String(), "an update was on offer, but after %s cm.V is 0", w.says())
		}
	}
	before, after := s.versionBefore(w.n), s.versionIn(over, s.replaced(w.n))
	if w.asks().Has(ocf.SSU) && before != "" && after != "" && (before != after) != end.Pstat.CM.Has(ocf.SSU) {
		if w.writesOnly(ocf.SSU) {
			return open(end.N, want, "version %s, then %s, does not agree with cm=%v (SSU-5, SSU-6)", before, after, end.Pstat.CM)
		}
		return broken(end.N, want, end.String(), "version %s, then %s, but cm=%v", before, after, end.Pstat.CM)
	}
	return passed(end.N, want, end.String(), "%s was accepted and ended with true results", w.says())
}

// heldBefore reports whether cm had bit when a Client last looked before n.
func (s *story) heldBefore(bit ocf.DPM, n int) bool {
	pre, _ := s.lastBefore(n)
	return pre.Pstat.CM.Has(bit)
}

// staysRefused judges a refused write to a pending Device: its bit never shows.
func (s *story) staysRefused(w write) conformance.Finding {
	want := "refused, and nothing of it applied"
	upto := s.disturbed(w.n, anyWrite)
	news := w.asks().Without(s.outstanding(w.n))
	var end *conformance.Sample
	for i, x := range s.samples {
		if x.Since <= w.end || x.N >= upto {
			continue
		}
		if x.Pstat.TM&news != 0 && !s.spontaneous() {
			return s.unlessAlone(s.unlessMissed(broken(x.N, want, x.String(), "%s was refused with %s, and yet tm shows it", w.says(), w.code)), w.n)
		}
		if x.Pstat.TM&s.processes() == 0 {
			end = &s.samples[i]
		}
	}
	if end == nil {
		return open(w.n, want, "the end of what was pending was not seen")
	}
	return passed(end.N, want, end.String(), "%s was refused with %s and left no trace", w.says(), w.code)
}
