package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var acc01 = Requirement{
	ID: "ACC-1", Edition: OCF22,
	Clause: "IoTivity-Lite, oc_sec_check_acl: in RFPRO, RFNOP and SRESET a request without a session for a security resource is denied, whatever the ACL says",
	Says:   "without a session nobody reads pstat, cred or acl2 of a Device that has an owner",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Identity},
	Verdicts: Verdicts{
		Pass: "4.xx, or no answer from a Device that answers others",
		Fail: "2.05",
		Open: "the request may not have reached the Device",
	},
	rule: plainDenied,
}

// plainDenied judges each read of a security resource over plain CoAP (docs/adr/0120).
// doxm is left out, for Clients look there for Devices to own. Observations are OBS-5's.
func plainDenied(s *story) []conformance.Finding {
	switch {
	case s.edition.Access.PlainCoAP.Is != "deny":
		return nil
	case !s.target.Secured:
		return []conformance.Finding{{Verdict: conformance.NotApplicable, Witness: -1, Reason: unsecured}}
	}
	var all []conformance.Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Client != conformance.Anonymous || o.For == nil || !s.ownedAt(i) {
			continue
		}
		if q := &s.tl.Observations[*o.For]; guarded(q) && !registers(q) {
			all = append(all, s.deniedPlainly(i, o, q.Frame.Path)...)
		}
	}
	return all
}

// guarded reports whether q asks for a resource that a Device keeps to those with a session.
func guarded(q *conformance.Observation) bool {
	return q.Frame != nil && q.Frame.Code == conformance.MethodGET &&
		slices.Contains([]string{ocf.PathPstat, ocf.PathCred, ocf.PathACL}, q.Frame.Path)
}

// deniedPlainly judges o, the end of a request for path without a session.
func (s *story) deniedPlainly(i int, o *conformance.Observation, path string) []conformance.Finding {
	const want = "refused"
	var f conformance.Finding
	switch {
	case s.tl.Unanswered(i) && (s.loss || !s.aliveAfter(i)):
		f = open(i, want, "the request for %s may not have reached the Device", path)
	case s.tl.Unanswered(i):
		f = passed(i, want, "no answer", "%s was not served without a session", path)
	case o.Kind != conformance.Response || o.Frame == nil:
		return nil
	case conformance.Success(o.Frame.Code):
		f = broken(i, want, o.Frame.Code, "%s was served to a Client without a session", path)
	default:
		f = passed(i, want, o.Frame.Code, "%s was not served without a session", path)
	}
	return []conformance.Finding{f.About(*o.For)}
}
