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
		if n := lookBegan(x); n <= busy || !x.Pstat.TM.Has(bit) || s.outstanding(n).Has(bit) {
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
// requested when x arrived. It may have begun as soon as the look before x had been
// asked for.
func (s *story) unasked(bit ocf.DPM, x conformance.Sample, upto int) episode {
	return s.follow(s.begun(bit, x, upto))
}

// begun is unasked whose samples are not looked at yet. A look that was answered is one
// of them, though it was asked for before it arrived.
func (s *story) begun(bit ocf.DPM, x conformance.Sample, upto int) episode {
	w := write{n: x.N, end: x.N}
	if pre, ok := s.lastBefore(x.N); ok {
		w.since = lookBegan(pre)
	}
	ep := s.unfollowed(bit, w, upto)
	if !x.Notified {
		ep.samples = append([]conformance.Sample{x}, ep.samples...)
	}
	return ep
}

// lookBegan is when the look x began: a GET when it was sent, a notification when it
// arrived, since nobody knows how long it was under way.
func lookBegan(x conformance.Sample) int {
	if x.Notified {
		return x.N
	}
	return x.Since
}

// arranged reports whether the Device was told to begin a process by itself.
func (s *story) arranged() (int, bool) {
	for _, g := range s.granted {
		if g.name == conformance.AutonomousValidation || g.name == conformance.AutonomousUpdate {
			return g.n, true
		}
	}
	return 0, false
}

// autonomousOf judges every autonomous process by f. Where one was asked for and
// none was shown it says so.
func (s *story) autonomousOf(f func(episode) conformance.Finding) []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
		for _, ep := range s.autonomous(bit) {
			all = append(all, f(ep))
		}
	}
	if len(all) == 0 {
		all = s.notShown("the Device does not show its autonomous processes in tm")
	}
	return all
}

// notShown says why an autonomous process that was asked for is not judged: the
// Device does not show it, which it need not, or that can't be told.
func (s *story) notShown(why string) []conformance.Finding {
	n, ok := s.arranged()
	if !ok {
		return nil
	}
	before := s.outstanding(n)
	for _, x := range s.samples {
		if x.N > n && x.Pstat.TM&before != 0 {
			return []conformance.Finding{open(x.N, "an autonomous process", "tm showed %v, which a Client had requested before", x.Pstat.TM&before)}
		}
	}
	if len(s.looks(n, never)) == 0 {
		return []conformance.Finding{open(n, "an autonomous process", "nobody looked at pstat after the Device was told to begin by itself")}
	}
	return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: n, Reason: "not shown: " + why}}
}

// ongoing are the samples before the end of ep was seen. A bit that rises after
// it is of another process, which the Device began by itself again.
func (ep episode) ongoing() []conformance.Sample {
	if ep.done < 0 {
		return ep.samples
	}
	return ep.samples[:ep.done]
}
