package judge

import (
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

// disturbances are the writes of the kind that which accepts, while a plain process
// of bit is held. Further writes of this kind may follow. Any other ends what is
// seen of the process, and so does a request once the gate is open: it may begin a
// process of its own.
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
			if between(w.n, from, min(heldUpto, whole.upto)) && which(w) {
				all = append(all, disturbance{w, bit, whole, heldUpto, s.disturbed(w.n, anyWrite)})
			}
		}
	}
	return all
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
// That tm still shows it after the write is for SVV-13 and SSU-15 to judge, so
// tm.b=0 alone does not prove the end: it takes tm.b=1 after the write and 0 later,
// or the result, or the declared time. Nor is a true result the process's own: see
// ranOnTo.
func (s *story) survives(d disturbance) conformance.Finding {
	truth, known := s.truth(d.bit, d.ep.w, d.ep.over())
	want := "the " + process(d.bit) + " goes on to its true result"
	if known {
		want += ": " + pattern("-", cell(d.bit, truth))
	}
	if f, ok := s.restarted(d, want); ok {
		return f
	}
	a := s.afterwards(d)
	if x := a.stuck; x != nil {
		return broken(x.N, want, x.String(), "after %v the %s never ended: tm still had %v after the declared time", d.says(), process(d.bit), d.bit)
	}
	if r, ok := s.withdrawn(d, a.over()); ok {
		return s.unlessOwn(broken(r.n, want, "the source holds no question any more", "after %v the %s was cancelled: its question was withdrawn from the source, which had not answered it", d.says(), process(d.bit)))
	}
	if x, ok := d.again(); ok && !s.spontaneous() {
		return broken(x.N, want, x.String(), "after %v the %s ran again when it had ended", d.says(), process(d.bit))
	}
	if a.end == nil {
		return open(d.w.n, want, "the end of the %s was not seen after %v", process(d.bit), d.says())
	}
	end := *a.end
	r, again := s.askedAgain(d)
	switch {
	case !known || s.spontaneous():
		return open(end.N, want, "%s", s.truthUnknown(d.bit, d.ep.w, d.ep.over()))
	case end.Pstat.CM.Has(d.bit) != truth && s.excused(d.ep, end) != "":
		return open(end.N, want, "the %s %s", process(d.bit), s.excused(d.ep, end))
	case end.Pstat.CM.Has(d.bit) != truth:
		return broken(end.N, want, end.String(), "%s, but after %v the %s ended with cm=%v", offered(truth), d.says(), process(d.bit), end.Pstat.CM)
	case a.changed(d.bit):
		return open(a.first.N, want, "cm.%v changed after the completion (%s-11)", d.bit, family(d.bit))
	case !truth && !a.kept:
		return open(end.N, want, "cm.%v=0 is also what a cancelled %s leaves", d.bit, process(d.bit))
	case again:
		return open(r.n, want, "the source was asked again, but the Device may have given up the question before")
	case truth && !s.ranOnTo(d, end, a.kept):
		return s.notItsOwn(d, end, want)
	}
	if f, ok := s.onlyClaimed(d, end, want); ok && truth {
		return f
	}
	return passed(end.N, want, end.String(), "%v during the %s changed nothing: it ended with its true result", d.says(), process(d.bit))
}

// survival is what survives finds, and whether tm had lost the bit before its true result
// was in cm: then d.w may have had an effect, whatever else the Timeline shows.
func (s *story) survival(d disturbance) (f conformance.Finding, late bool) {
	truth, known := s.truth(d.bit, d.ep.w, d.ep.over())
	a := s.afterwards(d)
	late = known && !s.spontaneous() && a.changed(d.bit) && a.end.Pstat.CM.Has(d.bit) == truth
	return s.survives(d), late
}

// afterwards is what GETs show of a process that was disturbed.
type afterwards struct {
	kept       bool                // tm still had the bit
	stuck      *conformance.Sample // the first that has it after the declared time
	first, end *conformance.Sample // the first and the last that show the end
}

func (s *story) afterwards(d disturbance) afterwards {
	truth, _ := s.truth(d.bit, d.ep.w, d.ep.over()) // false where it is not known
	var a afterwards
	for i := range d.ep.samples {
		x := &d.ep.samples[i]
		switch {
		case x.Notified || x.Since < d.w.end:
		case x.Pstat.TM.Has(d.bit):
			a.kept = true
			if a.stuck == nil && s.late(d.ep, *x) {
				a.stuck = x
			}
		case x.Since > d.heldUpto && (a.kept || s.late(d.ep, *x) || truth && x.Pstat.CM.Has(d.bit)):
			a.end = x
			if a.first == nil {
				a.first = x
			}
		}
	}
	return a
}

// over is where the end was seen first, never where it was not.
func (a afterwards) over() int {
	if a.first == nil {
		return never
	}
	return a.first.N
}

// changed reports whether the result in cm changed when the end had been seen.
func (a afterwards) changed(bit ocf.DPM) bool {
	return a.first != nil && a.first.Pstat.CM.Has(bit) != a.end.Pstat.CM.Has(bit)
}

// says is what d wrote.
func (d disturbance) says() string {
	if d.w.turned {
		return "a refused session"
	}
	return d.w.says()
}

// again finds a process that began anew: tm.b=1 certainly after tm.b=0, which was
// seen with the gate open and is itself certainly after tm.b=1.
func (d disturbance) again() (conformance.Sample, bool) {
	for i, end := range d.ep.samples {
		if end.Pstat.TM.Has(d.bit) || end.N < d.heldUpto || !d.ep.follows(i) {
			continue
		}
		for _, x := range d.ep.samples {
			if x.Pstat.TM.Has(d.bit) && end.Before(x) {
				return x, true
			}
		}
	}
	return conformance.Sample{}, false
}
