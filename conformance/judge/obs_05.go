package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
)

var obs05 = Requirement{
	ID: "OBS-5", Lines: "33-34 69-71",
	Clause: "by a sufficiently privileged OCF Client",
	Says:   "a Client without read or notify permission gets no observation",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Needs: Needs{Target: Identity},
	Verdicts: Verdicts{
		Pass: "refused",
		Fail: "accepted",
	},
	rule: unprivilegedBlind,
}

// unprivilegedBlind judges that a Client without permission gets no
// observation (seed.txt 33-34, 69-71). One that may only read, or only be
// notified, may be let observe. A Device without an owner grants what it likes.
func unprivilegedBlind(s *story) []conformance.Finding {
	if !s.target.Secured {
		return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: -1, Reason: unsecured}}
	}
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Client == "" || conformance.MayRead(o.Client) || !s.ownedAt(i) {
			continue
		}
		if f, ok := s.blind(i, o); ok {
			all = append(all, f)
		}
	}
	return all
}

// blind judges what Client o.Client, which may not observe, was told in o.
func (s *story) blind(i int, o *conformance.Observation) (conformance.Finding, bool) {
	const want = "refused"
	registration := o.For != nil && registers(&s.tl.Observations[*o.For])
	switch {
	case o.Kind == conformance.Notification && o.Frame != nil && conformance.Success(o.Frame.Code):
		return broken(i, want, "a notification", "Client %s has no permission and was notified", o.Client).About(s.tl.Registration(i)), true
	case o.Kind == conformance.Session && o.Outcome == conformance.Refused && !s.aliveAfter(i):
		return open(i, want, "Client %s was refused a session, but the Device answered nobody afterwards", o.Client), true
	case o.Kind == conformance.Session && o.Outcome == conformance.Refused:
		return passed(i, want, "no session", "Client %s was refused a session", o.Client), true
	case !registration:
		return conformance.Finding{}, false
	case s.tl.Unanswered(i) && (s.loss || o.Gone() || !s.aliveAfter(i)):
		return open(i, want, "the registration of Client %s may not have reached the Device", o.Client), true
	case s.tl.Unanswered(i):
		return passed(i, want, "no answer", "the registration of Client %s was not answered", o.Client), true
	case o.Kind != conformance.Response || o.Frame == nil:
		return conformance.Finding{}, false
	case conformance.Success(o.Frame.Code):
		return broken(i, want, o.Frame.Code, "Client %s has no permission and may observe", o.Client).About(*o.For), true
	}
	return passed(i, want, o.Frame.Code, "Client %s was refused", o.Client), true
}

// aliveAfter reports whether the Device answered a privileged Client after n.
func (s *story) aliveAfter(n int) bool {
	for i := n + 1; i < len(s.tl.Observations); i++ {
		if o := &s.tl.Observations[i]; o.Kind == conformance.Response && s.privileged(o.Client) {
			return true
		}
	}
	return false
}

// ownedAt reports whether the Device had an owner at n: it was last seen in
// neither RESET nor RFOTM, and was not asked to reset itself since.
func (s *story) ownedAt(n int) bool {
	return !s.nobodys(n) && !slices.ContainsFunc(s.writes, func(w write) bool { return w.n < n && s.resets(w.n) })
}
