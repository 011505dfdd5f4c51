package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var swu14 = Requirement{
	ID: "SWU-14", Edition: OCF22,
	Clause: "RFC 7641 section 1.2: whoever observes a resource is notified when its state changes, so that in the end it knows the latest one",
	Says:   "an observer of oic.r.softwareupdate is told what it shows in the end",
	Level:  Derived, Severity: conformance.Warn, Actor: Device,
	Needs: Needs{Target: Schedules},
	Verdicts: Verdicts{
		Pass: "what a read shows was notified to the observer as well",
		Fail: "a read shows a state, a result, an action or an nv that the observer was not told within a settle time: a warning",
		Open: "nothing has changed, the record ends before that, or the network loses datagrams",
		Note: "the model does not say that the resource can be observed; what is judged is a Device that accepts an observation",
	},
	rule: planTold,
}

// planTold judges each observation by what others read (docs/adr/0135).
func planTold(s *story) []conformance.Finding {
	path := s.pathOf(ocf.RTSoftwareUpdate)
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if !answers(o, path) || o.Frame.Observe == nil || !conformance.Success(o.Frame.Code) {
			continue
		}
		w := observing{*o.For, o.Client, i, min(s.observedUntil(i, o), s.asksAgain(i, path))}
		for _, l := range s.plans.looks {
			if l.since > w.from && l.n < w.upto && l.since != l.n && l.err == nil {
				all = append(all, s.answering(l.n, s.toldPlan(w, l)))
			}
		}
	}
	return all
}

// asksAgain is where the Client of the registration that i answers registers for path anew, or
// ends its observation; never if it does not.
func (s *story) asksAgain(i int, path string) int {
	for n := i; n < len(s.tl.Observations); n++ {
		o := &s.tl.Observations[n]
		if o.Kind == conformance.Request && o.Client == s.tl.Observations[i].Client && o.Frame != nil && o.Frame.Path == path && o.Frame.Observe != nil {
			return n
		}
	}
	return never
}

// toldPlan judges whether w was told what l shows.
func (s *story) toldPlan(w observing, l planLook) conformance.Finding {
	want := "a notification of " + planShown(l.x)
	before, told := s.planTold(w, l)
	waited := s.at(min(w.upto, len(s.tl.Observations))-1) - s.at(l.n)
	switch {
	case told >= 0 && told != w.from:
		return passed(told, want, planShown(l.x), "the observer was told what a read shows")
	case told >= 0:
		return open(l.n, want, "nothing has changed since the observation began")
	case s.passing(w, l):
		return open(l.n, want, "the state did not last for a settle time, as far as was seen: what is over need not be told")
	case s.loss, waited < s.target.Timing.Settle:
		return open(l.n, want, "the observation or the record ends too soon, or the network loses datagrams")
	}
	return warned(unseen(broken(l.n, want, "told last: "+planShown(before), "the observer was last told %s, and a read shows %s", planShown(before), planShown(l.x))))
}

// passing reports whether what l shows may have been over within a settle time: a
// process was running, or another look shows something else by then, and no later one
// shows that it lasted. An observer is to know the latest state, and may miss one that it follows
// (RFC 7641 section 1.3).
func (s *story) passing(w observing, l planLook) bool {
	over := l.x.State == ocf.StateVerifying || l.x.State == ocf.StateUpgrading
	for _, x := range s.plans.looks {
		if x.n <= l.n || x.n >= w.upto || x.err != nil {
			continue
		}
		if planShown(x.x) != planShown(l.x) {
			return over || s.at(x.n)-s.at(l.n) < s.target.Timing.Settle
		}
		if x.since != x.n && s.at(x.since)-s.at(l.n) >= s.target.Timing.Settle {
			return false
		}
	}
	return over
}

// planTold is what w was told last before l was asked for, and the first Observation that told
// it what l shows, from then on or last before; -1 for none.
func (s *story) planTold(w observing, l planLook) (before ocf.SoftwareUpdate, told int) {
	told = -1
	for _, x := range s.plans.looks {
		n := x.n
		if x.err != nil || n >= w.upto || n != w.from && (n < w.from || s.tl.Registration(n) != w.stream) {
			continue
		}
		same := planShown(x.x) == planShown(l.x)
		if n < l.since {
			before, told = x.x, -1
		}
		if same && told < 0 {
			told = n
		}
	}
	return before, told
}

// planShown is what of x tells how the update goes.
func planShown(x ocf.SoftwareUpdate) string {
	text := fmt.Sprintf("swupdatestate %s, swupdateresult %d, swupdateaction %s", x.State, x.Result, x.Action)
	if x.NewVersion != "" {
		text += ", nv " + x.NewVersion
	}
	return text
}
