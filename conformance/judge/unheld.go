package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Where nobody can hold the source, a process is pending for as long as it takes by
// itself. A write that comes meanwhile proves something only if tm shows the process
// both before and after it. What was not seen then proves nothing: the process may
// just have ended. That tm still shows it when the declared time has passed since the write is
// the one breach here.

// ungated reports whether the gate was wanted and could not be had.
func (s *story) ungated() bool {
	for i := range s.tl.Observations {
		if o := &s.tl.Observations[i]; o.Kind == conformance.Condition && o.Name == conformance.Hold && o.Outcome == conformance.Unsupported {
			return len(s.gates) == 0
		}
	}
	return false
}

// outlasted is a write that a process outlasted which nobody held.
type outlasted struct {
	w    write
	ep   episode            // as if w had not been written
	kept conformance.Sample // the first GET after w's answer, with tm.b=1
}

// outlasting are the first writes of the kind that which accepts in each plain process
// of bit that tm shows in the last GET before the write and in the first one after it.
func (s *story) outlasting(bit ocf.DPM, which func(write) bool) []outlasted {
	if !s.ungated() {
		return nil
	}
	var all []outlasted
	for _, ep := range s.episodes(bit) {
		w, ok := s.writeAt(ep.upto)
		if looks := s.looks(ep.w.end, w.n); !ok || !which(w) || len(looks) == 0 || !looks[len(looks)-1].Pstat.TM.Has(bit) {
			continue
		}
		whole := s.episode(bit, ep.w, s.disturbed(w.n, anyWrite))
		if looks := s.looks(w.end, whole.upto); len(looks) > 0 && looks[0].Pstat.TM.Has(bit) {
			all = append(all, outlasted{w, whole, looks[0]})
		}
	}
	return all
}

// writeAt is the write that Observation n is.
func (s *story) writeAt(n int) (write, bool) {
	for _, w := range s.writes {
		if w.n == n {
			return w, true
		}
	}
	return write{}, false
}

// carriesOn finds processes of bit that went on in spite of a write, which tm showed
// before it and after it: cm lacked the result after the write and had it at the end,
// or the end was without one, as it had to be.
func (s *story) carriesOn(bit ocf.DPM, which func(write) bool) []conformance.Finding {
	var all []conformance.Finding
	for _, o := range s.outlasting(bit, which) {
		want := "the " + process(bit) + " goes on to its result"
		end, ok := last(o.ep.final)
		says := disturbance{w: o.w}.says()
		_, again := o.ep.again()
		x, stuck := s.stuckAfter(o)
		switch {
		case stuck:
			all = append(all, s.unlessOwn(broken(x.N, want, x.String(), "after %v the %s never ended: tm still had %v after the declared time", says, process(bit), bit)))
		case !ok || end.Notified || !o.ep.ended():
			all = append(all, open(o.w.n, want, "the end of the %s was not seen after %v", process(bit), says))
		case again || s.beganHere():
			all = append(all, open(end.N, want, "the %s ran again when it had ended", process(bit)))
		case !o.kept.Pstat.CM.Has(bit) && end.Pstat.CM.Has(bit):
			all = append(all, passed(end.N, want, end.String(), "%v during the %s changed nothing: tm still showed it, and it ended with a result that cm had not had", says, process(bit)))
		case !end.Pstat.CM.Has(bit) && s.findsNothing(o):
			all = append(all, passed(end.N, want, end.String(), "%v during the %s changed nothing: tm still showed it, and it ended with nothing, as it had to", says, process(bit)))
		default:
			all = append(all, open(end.N, want, "that the %s went on to a result of its own was not seen", process(bit)))
		}
	}
	return all
}

// stuckAfter is a look at which tm still shows the process, when the declared time has passed since
// the write: it may have begun anew then.
func (s *story) stuckAfter(o outlasted) (conformance.Sample, bool) {
	due, known := s.due(o.ep.bit, o.w, o.ep.upto)
	for _, x := range s.looks(o.w.end, o.ep.upto) {
		if known && x.Pstat.TM.Has(o.ep.bit) && s.past(due, o.w.n, x) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// findsNothing reports whether the process that o outlasted had to end with cm.b=0: that
// was arranged, or undisturbed processes of this run end so.
func (s *story) findsNothing(o outlasted) bool {
	if truth, known := s.truth(o.ep.bit, o.ep.w, o.ep.over()); known {
		return !truth
	}
	found := s.learned(o.w.n)
	return found == conformance.NoUpdate || found == conformance.UpdateFails && o.ep.bit == ocf.SSU
}

// keepsShowing finds processes of bit that tm still shows after a Client wrote b=0.
func (s *story) keepsShowing(bit ocf.DPM, want string) []conformance.Finding {
	var all []conformance.Finding
	for _, o := range s.outlasting(bit, func(w write) bool { return w.writesOnly(0) }) {
		all = append(all, passed(o.kept.N, want, o.kept.String(), "tm kept %v though a Client wrote %v=0 during the %s", bit, bit, process(bit)))
	}
	return all
}
