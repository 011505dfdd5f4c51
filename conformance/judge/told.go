package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// registers reports whether o is a GET of pstat with Observe 0.
func registers(o *conformance.Observation) bool {
	f := o.Frame
	return o.Kind == conformance.Request && f != nil && f.Code == conformance.MethodGET && f.Path == ocf.PathPstat && f.Observe != nil && *f.Observe == 0
}

// toldFinal judges what o was told last against the state at the end.
func (s *story) toldFinal(o observing) (conformance.Finding, bool) {
	last, _ := s.lastTold(o)
	end, settled, ok := s.stateAtEnd(last.N, o.upto)
	if !ok || !s.changedSince(o) || !s.ranWhile(o) || end.Pstat.TM&s.processes() != 0 {
		return conformance.Finding{}, false
	}
	want := "told " + end.String()
	switch {
	case last.String() == end.String() && last.Notified && s.overtaken(o, last):
		return open(last.N, want, "what Client %s was told last may be late, of a process that was over before", o.client), true
	case last.String() == end.String() && last.Notified && end.Since > last.N:
		return passed(last.N, want, "told "+last.String(), "the last notification to Client %s equals a later GET", o.client), true
	case last.String() == end.String():
		return open(end.N, want, "no notification was seen before a GET showed the same state"), true
	case last.Pstat.TM == end.Pstat.TM && last.Pstat.CM == end.Pstat.CM:
		return open(end.N, want, "tm and cm were told; of dos the seed does not say that it is"), true
	case s.onlyDOS(last, end):
		return open(end.N, want, "V and U are as they were told, and were all the time; of what a change of dos makes of the rest, the seed does not say that it is"), true
	case last.Pstat.TM&s.processes() == 0 && s.outstanding(last.N) == 0 && s.movedIdle(last.N, end.N):
		return open(end.N, want, "no process ran since Client %s was last told; what a change of dos makes of cm, the seed does not say that it is", o.client), true
	case !settled || s.loss || s.slowest(last.N, o.upto) > s.target.Timing.Settle:
		return open(end.N, want, "the notification may still have been under way, or was lost by the network"), true
	}
	return unseen(broken(end.N, want, "told "+last.String(), "a settle time after the change Client %s was last told %v, but a GET shows %v", o.client, last, end)), true
}

// overtaken reports whether the notification last may be one of before the latest process that was
// requested while o stood: the network loses datagrams, and o was told neither of that one nor of the end
// of those before it.
func (s *story) overtaken(o observing, last conformance.Sample) bool {
	for _, w := range slices.Backward(s.writes) {
		if !between(w.n, o.from, last.N) || w.refused() || w.asks() == 0 {
			continue
		}
		return s.loss && !slices.ContainsFunc(s.kinds(), func(bit ocf.DPM) bool {
			_, told := s.told(o, bit, w.n, last.N)
			return w.asks().Has(bit) && (told || s.settled(bit, o.stream, w.n))
		})
	}
	return false
}

// movedIdle reports whether dos was moved between from and upto, and no process was
// requested or shown there: then cm may have been cleared (docs/adr/0013), and that
// is no start or completion to be told of (seed.txt 69-71).
func (s *story) movedIdle(from, upto int) bool {
	for _, x := range s.samples {
		if x.N > from && x.N <= upto && x.Pstat.TM&s.processes() != 0 {
			return false
		}
	}
	for _, w := range s.writes {
		if w.n >= from && w.n <= upto && !w.refused() && w.asks() != 0 {
			return false
		}
	}
	return s.movedDOS(from, upto)
}

// onlyDOS reports whether a Client moved dos between two samples, and no look in between
// shows that anything else happened: what was requested there has left no trace.
func (s *story) onlyDOS(last, end conformance.Sample) bool {
	for _, x := range s.samples {
		if x.N > last.N && x.N <= end.N && changedBits(last, x)&^onboarding != 0 {
			return false
		}
	}
	return s.movedDOS(last.N, end.N)
}

// changedBits are the bits that tm or cm shows in only one of two looks.
func changedBits(x, y conformance.Sample) ocf.DPM {
	return (x.Pstat.TM ^ y.Pstat.TM) | (x.Pstat.CM ^ y.Pstat.CM)
}

// onboarding are the bits of Table 40 that follow dos: what a Device is being
// provisioned for, and not what becomes of its software (seed.txt 83-100).
const onboarding = ocf.DPM(1 | 2 | 4 | 8 | 16 | 32)

// movedDOS reports whether a Client moved dos between from and upto.
func (s *story) movedDOS(from, upto int) bool {
	return slices.ContainsFunc(s.writes, func(w write) bool {
		_, moves := w.dos()
		return moves && w.n >= from && w.n <= upto && !w.refused()
	})
}

// toldAtLast reports whether o was told the state that the GET shows after all.
func (s *story) toldAtLast(o observing, shown conformance.Observation) bool {
	end, _, _ := shown.Pstat()
	for _, x := range s.samples {
		if x.Notified && x.Stream == o.stream && x.N >= o.upto && x.String() == end.String() {
			return true
		}
	}
	return false
}

// ranWhile reports whether a process was requested or shown while o stood.
func (s *story) ranWhile(o observing) bool {
	for _, bit := range s.kinds() {
		if s.requests(bit, o.from, o.upto) > 0 {
			return true
		}
	}
	for _, x := range s.samples {
		if x.N >= o.from && x.N < o.upto && x.Pstat.TM&s.processes() != 0 {
			return true
		}
	}
	return false
}

// changedSince reports whether anybody saw another state than the one that the
// registration of o was answered with.
func (s *story) changedSince(o observing) bool {
	var first *conformance.Sample
	for i, x := range s.samples {
		switch {
		case x.N == o.from:
			first = &s.samples[i]
		case first != nil && x.N < o.upto && x.String() != first.String():
			return true
		}
	}
	return false
}
