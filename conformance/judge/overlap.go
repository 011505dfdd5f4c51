package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// staysAfterOverlap judges that the result of a process which another one accompanied is
// in cm no later than tm loses its bit, and is not changed afterwards (seed.txt 35-40,
// 49-54): both were requested in one write, or one while the other was pending. It
// finds breaches alone, for the rules of plain processes see enough of the right course.
func (s *story) staysAfterOverlap(bit ocf.DPM) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		first, ok := s.accompaniedBy(bit, w)
		if !ok {
			continue
		}
		ep := s.episode(bit, first, s.disturbed(w.n, anyWrite))
		was, is, ok := s.changedAfter(ep, w)
		want := pattern("-", cell(bit, was.Pstat.CM.Has(bit))) + " from the completion on"
		switch {
		case !ok:
		case s.spontaneous() || s.silentIn(was.N, is.N):
			all = append(all, open(is.N, want, "cm.%v changed after the completion, but a restart or a process of the Device's own may be why", bit))
		default:
			all = append(all, broken(is.N, want, was.String()+", then "+is.String(),
				"cm.%v changed when tm had lost %v already, after %s, and nobody had requested anything new", bit, bit, w.says()))
		}
	}
	return all
}

// accompaniedBy is the request for the process of bit that ran together with another
// one because of w: w itself, or the one that was pending when w was written. ok is
// false where there is none, or bit was requested twice.
func (s *story) accompaniedBy(bit ocf.DPM, w write) (first write, ok bool) {
	pre, _ := s.lastBefore(w.n)
	m, _ := w.tm()
	pending := s.outstanding(w.n)
	both := w.asks() | pending
	if !w.accepted() || !s.privileged(w.client) || m&s.edition.Undefined() != 0 || w.asks() == 0 || w.asks()&pending != 0 || both != bothBits || pre.Pstat.DOS != ocf.RFNOP {
		return write{}, false
	}
	if w.asks().Has(bit) {
		return w, pending != 0 || s.idle(w.n)
	}
	requests := 0
	for _, v := range s.writes {
		if v.n < w.n && v.requests(bit) && s.end(bit, v) >= w.n {
			first = v
			requests++
		}
	}
	return first, requests == 1
}

// changedAfter are the first two samples of which one is certainly after the end of
// ep, whose bit tm had after w, and the other certainly later and with another
// result. The start of an update takes cm.V (seed.txt 48-49), so that of a check is
// sure to stay only when tm has had U as well, and has it no more.
func (s *story) changedAfter(ep episode, w write) (was, is conformance.Sample, ok bool) {
	for i, was := range ep.samples {
		if was.N < w.n || was.Pstat.TM.Has(ep.bit) || !s.shownAfter(ep.bit, w, was) {
			continue
		}
		update := ep.bit == ocf.SSU || !was.Pstat.TM.Has(ocf.SSU) && s.shownAfter(ocf.SSU, w, was)
		for _, is := range ep.samples[i:] {
			if is.Pstat.TM.Has(ep.bit) || is.Pstat.DOS != was.Pstat.DOS {
				break
			}
			rose := is.Pstat.CM.Has(ep.bit)
			if was.Before(is) && was.Pstat.CM.Has(ep.bit) != rose && (rose || update) {
				return was, is, true
			}
		}
	}
	return was, is, false
}

// shownAfter reports whether tm had bit in a sample that is certainly after w and
// before x.
func (s *story) shownAfter(bit ocf.DPM, w write, x conformance.Sample) bool {
	for _, p := range s.samples {
		if p.Pstat.TM.Has(bit) && s.showsEffect(w, p) && p.Before(x) {
			return true
		}
	}
	return false
}

// showsEffect reports whether p is certainly after w was accepted: a GET that was sent
// after the answer, or a notification with a bit that w requested, of an observation
// that had told the end of all earlier processes of that bit.
func (s *story) showsEffect(w write, p conformance.Sample) bool {
	if !p.Notified {
		return p.Since > w.end
	}
	for _, bit := range s.kinds() {
		if p.N > w.n && w.asks().Has(bit) && p.Pstat.TM.Has(bit) && s.settled(bit, p.Stream, w.n) {
			return true
		}
	}
	return false
}
