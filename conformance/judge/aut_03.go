package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var aut03 = Requirement{
	ID: "AUT-3", Lines: "66-69",
	Clause: "by setting the pstat.tm and pstat.cm Initiate Software Version Validation and Secure Software Update bits when starting or completing the version check or update process.",
	Says:   "check and update may follow each other or overlap",
	Level:  May, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Autonomous},
	Verdicts: Verdicts{
		Pass: "each bit is coherent by itself",
		Fail: "one is lost",
	},
	rule: autonomousBoth,
}

// autonomousBoth judges that check and update each come to their end when they
// follow each other or overlap, one of them at least begun by the Device
// (seed.txt 66-69).
func autonomousBoth(s *story) []conformance.Finding {
	all := s.mixed()
	if len(all) == 0 {
		return s.notMixed()
	}
	const want = "check and update each come to their end"
	witness := -1
	for _, ep := range all {
		if x, ok := s.unended(ep.ongoing(), ep); ok {
			return []conformance.Finding{unseen(broken(x.N, want, x.String(), "the %s never ended, when one was begun by the Device itself", process(ep.bit)))}
		}
		end, ok := ep.completion()
		if !ok || !s.fell(ep, end) {
			return []conformance.Finding{open(ep.w.n, want, "the end of the %s was not seen", process(ep.bit))}
		}
		witness = max(witness, end.N)
	}
	return []conformance.Finding{passed(witness, want, "both ended", "the check and the update both ended")}
}

// notMixed says why nothing is judged where no check and update ran in one Timeline.
func (s *story) notMixed() []conformance.Finding {
	n, ok := s.arranged()
	if !ok {
		return nil
	}
	if len(s.autonomous(ocf.SVV))+len(s.autonomous(ocf.SSU)) > 0 {
		return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: n, Reason: "not shown: no check and update in one run"}}
	}
	return s.notShown("no check and update in one run")
}

// meets follows a process of the Device's own, and the other one that a Client requested
// while tm showed it, from that request on. What tm showed before says nothing of the end of
// the first, for the write has its bit as 0, and a Device may store that (docs/adr/0008).
func (s *story) meets(ep episode) (own, requested episode, ok bool) {
	w, ok := s.writeAt(s.disturbed(ep.w.n, write.acts))
	other := bothBits.Without(ep.bit)
	pre, _ := s.lastBefore(w.n)
	if !ok || !w.accepted() || !s.privileged(w.client) || !w.writesOnly(other) || !pre.Pstat.TM.Has(ep.bit) {
		return own, requested, false
	}
	followed := func(bit ocf.DPM) episode {
		e := s.through(s.unfollowed(bit, w, s.disturbed(w.n, anyWrite)), s.disturbed(w.n, write.acts))
		e.due += s.declared(bothBits.Without(bit)) // one after the other
		return s.follow(e)
	}
	return followed(ep.bit), followed(other), true
}

// mixed are the processes of a Timeline in which a check and an update ran, one of
// them at least begun by the Device. Each of them has the declared time of both.
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
	for _, bit := range s.kinds() {
		for _, ep := range s.autonomous(bit) {
			autonomous = true
			if own, requested, ok := s.meets(ep); ok {
				all, kinds = append(all, own, requested), bothBits
				continue
			}
			add(s.through(ep, s.nextToAct(ep.w.n)))
		}
		for _, ep := range s.episodes(bit) {
			add(s.through(ep, s.nextToAct(ep.w.n)))
		}
	}
	if !autonomous || kinds != bothBits {
		return nil
	}
	return all
}
