package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// completes judges that tm loses bit once, within the declared time, and keeps
// without it (seed.txt 38-40, 52-54).
func completes(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		var all []conformance.Finding
		for _, ep := range s.episodes(bit) {
			all = append(all, s.completes(ep))
		}
		return all
	}
}

func (s *story) completes(ep episode) conformance.Finding {
	want := pattern("-", "*") + " within the declared time"
	if f, ok := s.lostInRestart(ep, want); ok {
		return f
	}
	if f, ok := s.lostInMove(ep, want); ok {
		return f
	}
	if x, ok := s.stuckThrough(ep); ok {
		return broken(x.N, want, x.String(), "tm still had %v after the declared time, though nothing was requested since", ep.bit)
	}
	looks := ep.samples
	if s.spontaneous() {
		looks = ep.ongoing()
	}
	if x, ok := s.unended(looks, ep); ok {
		return broken(x.N, want, x.String(), "tm still had %v at %.3gs, after the declared time had passed at %.3gs",
			ep.bit, s.at(x.Since).Seconds(), ep.due.Seconds())
	}
	end, ok := ep.completion()
	if !ok {
		return open(ep.w.n, want, "tm was not seen to go from %v to -", ep.bit)
	}
	if x, ok := ep.again(); ok && !s.spontaneous() && !s.silentIn(ep.w.n, x.N) {
		return broken(x.N, want, x.String(), "tm showed %v again after the %s had completed, though nobody asked", ep.bit, process(ep.bit))
	}
	if ep.known && s.at(end.N) > ep.due && end.Notified {
		return open(end.N, want, "tm lost %v, but was seen only at %.3gs, after the declared time", ep.bit, s.at(end.N).Seconds())
	}
	if x, _ := last(ep.final); x.Notified {
		return open(end.N, want, "no GET after the completion shows that tm stays without %v", ep.bit)
	}
	return passed(end.N, want, end.String(), "tm went from %v to - and stayed so", ep.bit)
}

// stuckThrough is a look at which ep is still pending, when the declared time has passed since
// the last of some writes that request nothing and move nothing.
func (s *story) stuckThrough(ep episode) (conformance.Sample, bool) {
	whole := s.through(ep, s.disturbed(ep.w.n, write.acts))
	if whole.upto == ep.upto || s.spontaneous() {
		return conformance.Sample{}, false
	}
	return s.unended(s.follow(whole).samples, whole)
}

// unended is the first of some looks at ep at which it is still pending, though it had to be over.
func (s *story) unended(looks []conformance.Sample, ep episode) (conformance.Sample, bool) {
	for _, x := range looks {
		if x.Pstat.TM.Has(ep.bit) && s.late(ep, x) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// through is ep up to upto, its samples not followed yet. No write before that acts, so none has
// an effect on ep (seed.txt 40-41, 54-55), and if one began it anew, it has had its time.
func (s *story) through(ep episode, upto int) episode {
	if upto == ep.upto {
		return ep
	}
	whole := s.unfollowed(ep.bit, ep.w, upto)
	if len(ep.samples) > 0 && ep.samples[0].N == ep.w.n { // the look that showed a process of the Device's own
		whole.samples = append([]conformance.Sample{ep.samples[0]}, whole.samples...)
	}
	for _, w := range s.writes {
		if between(w.n, ep.w.n, upto) {
			due, known := s.due(ep.bit, w, upto)
			whole.due, whole.known = max(whole.due, due), whole.known && known
		}
	}
	return whole
}

// lostInRestart finds a check that is still pending when the declared time has
// passed after a power cycle; that of an update is SSU-13's.
func (s *story) lostInRestart(ep episode, want string) (f conformance.Finding, found bool) {
	upto := s.concerned(ep.bit, ep.w.n)
	rebooted := s.rebooted(ep.w.n, upto)
	if rebooted < 0 || ep.bit == ocf.SSU {
		return conformance.Finding{}, false
	}
	whole := s.episode(ep.bit, ep.w, upto)
	t := s.target.Timing
	whole.due = max(whole.due, s.back(rebooted)+t.Validation+t.Settle)
	for _, x := range whole.samples {
		if s.late(whole, x) && x.Pstat.TM.Has(ep.bit) {
			return broken(x.N, want, x.String(), "tm still had %v after a power cycle and the declared time", ep.bit), true
		}
	}
	return conformance.Finding{}, false
}

// lostInMove finds a process that is still pending in RFNOP when the declared
// time has passed since a Client moved dos away and back.
func (s *story) lostInMove(ep episode, want string) (f conformance.Finding, found bool) {
	moved, upto := write{n: -1}, never
	for _, w := range s.writes {
		if w.n <= ep.w.n {
			continue
		}
		if _, moves := w.dos(); !moves || !w.accepted() || len(w.body.fields) != 1 {
			upto = w.n
			break
		}
		moved = w
	}
	if moved.n < 0 || s.rebooted(ep.w.n, upto) >= 0 {
		return conformance.Finding{}, false
	}
	due, known := s.due(ep.bit, moved, upto)
	for _, x := range s.looks(moved.end, upto) {
		if known && s.past(due, moved.n, x) && x.Pstat.TM.Has(ep.bit) && x.Pstat.DOS == ocf.RFNOP {
			return s.unlessOwn(broken(x.N, want, x.String(), "tm still had %v the declared time after dos was moved away and back", ep.bit)), true
		}
	}
	return conformance.Finding{}, false
}

// again is a sample with tm.b=1 that is certainly after the completion.
func (ep episode) again() (conformance.Sample, bool) {
	if ep.done < 0 {
		return conformance.Sample{}, false
	}
	for _, x := range ep.samples {
		if !x.Pstat.TM.Has(ep.bit) {
			continue
		}
		for j, d := range ep.samples {
			if !d.Pstat.TM.Has(ep.bit) && ep.follows(j) && d.Before(x) {
				return x, true
			}
		}
	}
	return conformance.Sample{}, false
}
