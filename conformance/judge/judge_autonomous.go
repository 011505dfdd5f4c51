package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// autonomous are the processes of bit that tm showed though nobody had asked,
// on a Device that declares or was told to begin such.
func (s *story) autonomous(bit ocf.DPM) []episode {
	var all []episode
	if !s.spontaneous() {
		return nil
	}
	busy := -1
	for _, x := range s.samples {
		if x.N <= busy || !x.Pstat.TM.Has(bit) || s.requested(bit, x) {
			continue
		}
		if !x.Notified && x.Since <= busy {
			continue
		}
		ep := s.unasked(bit, x, s.disturbed(x.N, anyWrite))
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
func (s *story) unasked(bit ocf.DPM, x conformance.Sample, upto int) episode {
	w := write{n: x.N, end: x.N}
	ep := s.course(bit, w, upto)
	if !x.Notified {
		ep.samples = append([]conformance.Sample{x}, ep.samples...)
	}
	return s.follow(ep)
}

// requested reports whether bit was requested before x and not seen to be over
// when x was asked for.
func (s *story) requested(bit ocf.DPM, x conformance.Sample) bool {
	n := x.N
	if !x.Notified {
		n = x.Since
	}
	return s.outstanding(n).Has(bit)
}

// arranged reports whether the Device was told to begin a process by itself.
func (s *story) arranged() (int, bool) {
	for _, g := range s.granted {
		if g.name == conformance.AutonomousValidation || g.name == conformance.AutonomousUpdate {
			return g.n, true
		}
	}
	return -1, false
}

// autonomousOf runs f on every autonomous process; without one it says that
// none was shown.
func (s *story) autonomousOf(f func(episode) conformance.Finding) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for _, ep := range s.autonomous(bit) {
			all = append(all, f(ep))
		}
	}
	if n, ok := s.arranged(); ok && len(all) == 0 {
		all = append(all, conformance.Finding{Verdict: conformance.NotApplicable, Witness: n, Reason: "not shown: the Device does not show its autonomous processes in tm"})
	}
	return all
}

// autonomousCourse judges that an autonomous process takes the course of a
// requested one (seed.txt 66-69).
func autonomousCourse(s *story) []conformance.Finding {
	return append(s.accompanied(), s.autonomousOf(func(ep episode) conformance.Finding {
		want := "tm=" + ep.bit.String() + ", then tm=- with the result in cm"
		if ep.done < 0 {
			return open(ep.w.n, want, "the end of the process was not seen")
		}
		end := ep.samples[ep.done]
		truth, known := s.truth(ep.bit, ep.w, ep.over())
		other := bothBits.Without(ep.bit)
		for _, x := range ep.samples {
			known = known && x.Pstat.TM&other == 0
		}
		if why := s.excused(ep, end); why != "" {
			return open(end.N, want, "the %s %s", process(ep.bit), why)
		}
		if known && end.Pstat.CM.Has(ep.bit) != truth {
			return broken(end.N, want, end.String(), "%s, but the autonomous %s ended with cm=%v", offered(truth), process(ep.bit), end.Pstat.CM)
		}
		return passed(end.N, want, end.String(), "the autonomous %s was shown from its start to its end", process(ep.bit))
	})...)
}

// accompanied finds an update that tm showed while a check ran, though nobody
// had asked for it, and that ended without the result it had to have: if the
// Device began it, it is contradictory, and if not, tm showed what was not so.
func (s *story) accompanied() []conformance.Finding {
	var all []conformance.Finding
	if s.spontaneous() {
		return nil
	}
	for _, ep := range s.episodes(ocf.SVV) {
		truth, known := s.truth(ocf.SSU, ep.w, ep.upto)
		end, ok := last(ep.final)
		if !known || !truth || !ok || end.Notified || !ep.ended() || (end.Pstat.TM | end.Pstat.CM).Has(ocf.SSU) {
			continue
		}
		for _, x := range ep.samples {
			if x.Pstat.TM.Has(ocf.SSU) && x.Before(end) {
				all = append(all, broken(x.N, state("*", pattern(ocf.SSU, true))+" after "+state("U+V?", "*"), x.String()+", then "+end.String(),
					"tm showed U during a check, though nobody had requested an update, and when it was over cm did not say that one was done"))
				break
			}
		}
	}
	return all
}

// autonomousEnds judges that a tm bit which the Device set by itself goes back
// (seed.txt 66-69).
func autonomousEnds(s *story) []conformance.Finding {
	return s.autonomousOf(func(ep episode) conformance.Finding {
		want := state("-", "*") + " within the declared time"
		for _, x := range ep.ongoing() {
			if s.late(ep, x) && x.Pstat.TM.Has(ep.bit) {
				return unseen(broken(x.N, want, x.String(), "the Device set %v in tm by itself and never took it back", ep.bit))
			}
		}
		if ep.done < 0 {
			return open(ep.w.n, want, "the end of the process was not seen")
		}
		end := ep.samples[ep.done]
		return passed(end.N, want, end.String(), "tm lost %v again, with cm=%v", ep.bit, end.Pstat.CM)
	})
}

// ongoing are the samples before the end of ep was seen. A bit that rises after
// it is of another process, which the Device began by itself again.
func (ep episode) ongoing() []conformance.Sample {
	if ep.done < 0 {
		return ep.samples
	}
	return ep.samples[:ep.done]
}

// autonomousBoth judges that check and update each come to their end when they
// follow each other or overlap, one of them at least begun by the Device
// (seed.txt 66-69).
func autonomousBoth(s *story) []conformance.Finding {
	all := s.mixed()
	if len(all) == 0 {
		if n, ok := s.arranged(); ok {
			return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: n, Reason: "not shown: no check and update in one run"}}
		}
		return nil
	}
	const want = "check and update each come to their end"
	witness := -1
	for _, ep := range all {
		for _, x := range ep.ongoing() {
			if x.Pstat.TM.Has(ep.bit) && s.late(ep, x) {
				return []conformance.Finding{unseen(broken(x.N, want, x.String(), "the %s never ended, when one was begun by the Device itself", process(ep.bit)))}
			}
		}
		if ep.done < 0 {
			return []conformance.Finding{open(ep.w.n, want, "the end of the %s was not seen", process(ep.bit))}
		}
		witness = max(witness, ep.samples[ep.done].N)
	}
	return []conformance.Finding{passed(witness, want, "both ended", "the check and the update both ended")}
}

// mixed are the processes of a Timeline in which both check and update ran and
// one of them was autonomous; each has the declared time of both.
func (s *story) mixed() []episode {
	var all []episode
	autonomous, kinds := false, ocf.DPM(0)
	add := func(ep episode) {
		if ep.bit == ocf.SVV {
			ep.due += s.target.Timing.Update
		} else {
			ep.due += s.target.Timing.Validation
		}
		all, kinds = append(all, s.follow(ep)), kinds.With(ep.bit)
	}
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		for _, ep := range s.autonomous(bit) {
			autonomous = true
			whole := s.course(bit, ep.w, s.nextWrite(ep.w.n))
			if len(ep.samples) > 0 && !ep.samples[0].Notified && ep.samples[0].N == ep.w.n {
				whole.samples = append([]conformance.Sample{ep.samples[0]}, whole.samples...)
			}
			add(whole)
		}
		for _, ep := range s.episodes(bit) {
			add(s.course(bit, ep.w, s.nextWrite(ep.w.n)))
		}
	}
	if !autonomous || kinds != bothBits {
		return nil
	}
	return all
}
