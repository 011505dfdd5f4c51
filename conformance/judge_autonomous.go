package conformance

import "github.com/ocfsim/ocfsim/ocf"

// autonomous are the processes of bit that tm showed though nobody had asked,
// on a Device that declares or was told to begin such.
func (s *story) autonomous(bit ocf.DPM) []episode {
	var all []episode
	if !s.spontaneous() {
		return nil
	}
	busy := -1
	for _, x := range s.samples {
		if x.N <= busy || !x.Pstat.TM.Has(bit) || s.requested(x) {
			continue
		}
		if !x.Notified && x.Since <= busy {
			continue
		}
		ep := s.unasked(bit, x)
		all = append(all, ep)
		busy = never
		if end, ok := last(ep.final); ok {
			busy = end.N
		}
	}
	return all
}

// unasked is the process of bit that x showed first, as if it had been
// requested when x arrived.
func (s *story) unasked(bit ocf.DPM, x Sample) episode {
	w := write{n: x.N, end: x.N}
	ep := episode{bit: bit, w: w, upto: s.disturbed(x.N, anyWrite), pending: -1, done: -1}
	ep.pre, ep.hasPre = s.lastBefore(x.N)
	ep.due, ep.known = s.due(bit, w, ep.upto)
	ep.samples = s.after(bit, w, ep.upto)
	if !x.Notified {
		ep.samples = append([]Sample{x}, ep.samples...)
	}
	return s.follow(ep)
}

// requested reports whether something was requested before x that was not
// seen to be over when x was asked for.
func (s *story) requested(x Sample) bool {
	n := x.N
	if !x.Notified {
		n = x.Since
	}
	return s.outstanding(n) != 0
}

// arranged reports whether the Device was told to begin a process by itself.
func (s *story) arranged() (int, bool) {
	for _, g := range s.granted {
		if g.name == AutonomousValidation || g.name == AutonomousUpdate {
			return g.n, true
		}
	}
	return -1, false
}

// autonomousOf runs f on every autonomous process; without one it says that
// none was shown.
func (s *story) autonomousOf(f func(episode) Finding) []Finding {
	var all []Finding
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for _, ep := range s.autonomous(bit) {
			all = append(all, f(ep))
		}
	}
	if n, ok := s.arranged(); ok && len(all) == 0 {
		all = append(all, Finding{Verdict: NotApplicable, Witness: n, Reason: "not shown: the Device does not show its autonomous processes in tm"})
	}
	return all
}

// autonomousCourse judges that an autonomous process takes the course of a
// requested one (seed.txt 66-69).
func autonomousCourse(s *story) []Finding {
	return s.autonomousOf(func(ep episode) Finding {
		want := "tm=" + ep.bit.String() + ", then tm=- with the result in cm"
		if ep.done < 0 {
			return open(ep.w.n, want, "the end of the process was not seen")
		}
		end := ep.samples[ep.done]
		truth, known := s.truth(ep.bit, ep.w, ep.upto)
		other := bothBits.Without(ep.bit)
		for _, x := range ep.samples {
			known = known && x.Pstat.TM&other == 0
		}
		if known && end.Pstat.CM.Has(ep.bit) != truth {
			return broken(end.N, want, end.String(), "%s, but the autonomous %s ended with cm=%v", offered(truth), process(ep.bit), end.Pstat.CM)
		}
		return passed(end.N, want, end.String(), "the autonomous %s was shown from its start to its end", process(ep.bit))
	})
}

// autonomousEnds judges that a tm bit which the Device set by itself goes back
// (seed.txt 66-69).
func autonomousEnds(s *story) []Finding {
	return s.autonomousOf(func(ep episode) Finding {
		want := state("-", "*") + " within the declared time"
		for _, x := range ep.samples {
			if s.late(ep, x) && x.Pstat.TM.Has(ep.bit) {
				return broken(x.N, want, x.String(), "the Device set %v in tm by itself and never took it back", ep.bit)
			}
		}
		if ep.done < 0 {
			return open(ep.w.n, want, "the end of the process was not seen")
		}
		end := ep.samples[ep.done]
		return passed(end.N, want, end.String(), "tm lost %v again, with cm=%v", ep.bit, end.Pstat.CM)
	})
}

// autonomousBoth judges that an autonomous check and an autonomous update each
// come to their end when they follow each other or overlap (seed.txt 66-69).
func autonomousBoth(s *story) []Finding {
	checks, updates := s.autonomous(ocf.SVV), s.autonomous(ocf.SSU)
	if len(checks) == 0 || len(updates) == 0 {
		if n, ok := s.arranged(); ok {
			return []Finding{{Verdict: NotApplicable, Witness: n, Reason: "not shown: no autonomous check and update in one run"}}
		}
		return nil
	}
	const want = "check and update each come to their end"
	witness := -1
	for _, ep := range append(checks, updates...) {
		for _, x := range ep.samples {
			if s.late(ep, x) && x.Pstat.TM.Has(ep.bit) {
				return []Finding{broken(x.N, want, x.String(), "the autonomous %s never ended", process(ep.bit))}
			}
		}
		if ep.done < 0 {
			return []Finding{open(ep.w.n, want, "the end of the autonomous %s was not seen", process(ep.bit))}
		}
		witness = max(witness, ep.samples[ep.done].N)
	}
	return []Finding{passed(witness, want, "both ended", "the autonomous check and the autonomous update both ended")}
}
