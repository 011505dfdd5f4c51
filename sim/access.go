package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// claim says who asks a secured Device for what.
type claim struct {
	path    string // one of the paths in ocf
	svr     bool   // it is a security resource
	kind    EventKind
	session uint32
	// subject is the Client that the session is known to belong to; nil: none.
	subject ocf.UUID
	doc     bool // the request came over the Device Onboarding Connection
	// service says that the claim was granted to the owner of cred or acl2,
	// who may write less of pstat than the owner of pstat.
	service bool
}

// access decides whether the Device serves the request. It returns 0, or the code to
// refuse the request with. A Device without security grants everything to everyone.
func (t *turn) access(r *Request, kind EventKind, res *resource) (refusal uint8) {
	if !t.secured() {
		return 0
	}
	c := &t.claim
	*c = claim{path: res.path, svr: res.svr, kind: kind, session: r.Via.Session}
	if c.path == ocf.PathCore {
		c.path = ocf.PathRes // the same list in another format
	}
	switch {
	case c.session == 0:
	case t.trust.doc == c.session:
		c.doc, c.subject = true, t.trust.devowner
	case !r.Via.OTM && t.knows(r.Via.Subject):
		c.subject = r.Via.Subject
	}
	granted := false
	if t.model.later {
		granted = t.laterAccess(c)
	} else {
		granted = t.firstAccess(c)
	}
	if t.bent.granted.decide(t, c, granted) {
		return 0
	}
	return t.bent.denial.decide(t, unauthorized)
}

// laterAccess decides as ocf-2.2 does (NOTES 3.4). The numbers are those of its
// rules. The only vertical resource of these Devices is oic.r.softwareupdate.
func (t *turn) laterAccess(c *claim) bool {
	switch {
	case t.dos == ocf.RESET && c.svr: // in RESET nobody owns anything
		return false
	case t.dos == ocf.RFOTM && c.session == 0 && t.trust.doc != 0: // 1
		return false
	case c.path == ocf.PathSoftwareUpdate && (t.dos != ocf.RFNOP || c.session == 0): // 2, 3
		return false
	case c.doc: // 4
		return true
	case t.dos == ocf.RFOTM: // 5, 6
		return c.introduces()
	case c.svr && c.session == 0: // 7
		return false
	case t.ownsResource(c): // 8
		return true
	case c.path == ocf.PathRoles && c.session != 0: // 9
		return true
	}
	return t.permitted(c) // 10
}

// firstAccess decides as ocf-1.0 does: an owner of the Device may do more than an
// owner of one resource, and on plain CoAP the ACL alone decides (NOTES 3.4, 4.1).
func (t *turn) firstAccess(c *claim) bool {
	switch {
	case t.dos == ocf.RESET && c.svr:
		return false
	case t.dos == ocf.RFOTM && c.session == 0 && t.trust.doc != 0:
		return false
	case c.doc:
		return true
	case t.dos == ocf.RFOTM:
		return c.introduces()
	case t.dos == ocf.SRESET && c.is(t.trust.devowner):
		return true
	case rownerOf(c.path) >= 0 && c.is(t.trust.rowners[doxmOwner]):
		return true
	case t.ownsResource(c):
		return true
	case c.path == ocf.PathRoles && c.session != 0:
		return true
	case c.path == ocf.PathPstat && (c.is(t.trust.rowners[credOwner]) || c.is(t.trust.rowners[aclOwner])):
		c.service = !t.permitted(c)
		return true
	}
	return t.permitted(c)
}

// introduces reports whether anyone may make this claim to a Device in RFOTM that
// has no owner yet: to see what it is, and to choose a transfer method.
func (c *claim) introduces() bool {
	switch c.path {
	case ocf.PathRes, ocf.PathD, ocf.PathP, ocf.PathPstat:
		return c.kind == Get
	case ocf.PathDoxm:
		return c.kind == Get || c.kind == Post
	}
	return false
}

// is reports whether whom makes the claim. The nil UUID is nobody.
func (c *claim) is(whom ocf.UUID) bool { return !whom.IsNil() && c.subject == whom }

// ownsResource reports whether the resource's own owner makes the claim.
func (t *turn) ownsResource(c *claim) bool {
	i := rownerOf(c.path)
	return i >= 0 && c.is(t.trust.rowners[i])
}

// need is the set of permissions that grant the claim; one of them suffices.
func (t *turn) need(c *claim) ocf.Permission {
	switch {
	case c.kind == Get:
		return t.bent.readBy.decide(t, ocf.MayRead|ocf.MayNotified)
	case c.kind == Delete:
		return ocf.MayDelete
	case t.model.later:
		return ocf.MayCreate | ocf.MayUpdate
	}
	return ocf.MayUpdate
}

// permitted reports whether an ACE grants the claim, or the Client has the role that
// may do everything.
func (t *turn) permitted(c *claim) bool {
	if t.hasRole(c, ocf.Role{Name: ownerRole}) {
		return true
	}
	need := t.need(c)
	for i := range t.trust.aces {
		e := &t.trust.aces[i]
		permits := t.bent.permits.decide(t, entry{e, c}, e.Permission&need != 0)
		if permits && t.isFor(e, c) && t.isAbout(e, c) && t.holds(e.Validity) {
			return true
		}
	}
	return false
}

// entry is an ACE together with the claim that it is checked against.
type entry struct {
	ace   *ocf.ACE
	claim *claim
}

// ownerRole is the role that may do everything.
const ownerRole = "oic.role.owner"

// knows reports whether the Device still has a credential of the Client that the
// session belongs to. If the Device has a trust anchor, it knows every uuid: a
// certificate may have been issued for any.
func (t *turn) knows(subject ocf.UUID) bool {
	if subject.IsNil() {
		return false
	}
	client := nameOf(subject)
	list := t.bent.honoured.see(t.Device, t.trust.creds)
	for i := range list {
		cred := &list[i]
		if (client.owns(cred) || cred.Usage == ocf.UsageTrustCA) && t.within(cred.Period) {
			return true
		}
	}
	return false
}

// name is a uuid in the text form that the subject of a credential has.
type name [36]byte

func nameOf(id ocf.UUID) (n name) {
	id.AppendText(n[:0])
	return n
}

// owns reports whether cred belongs to the Client with this name.
func (n *name) owns(cred *ocf.Cred) bool { return cred.Subject == string(n[:]) }

// hasRole reports whether the Client of the claim has the role, either because its
// symmetric key carries the role or because it has shown a certificate for it.
func (t *turn) hasRole(c *claim, role ocf.Role) bool {
	if c.subject.IsNil() {
		return false
	}
	client := nameOf(c.subject)
	for i := range t.trust.creds {
		if cred := &t.trust.creds[i]; cred.Role == role && client.owns(cred) {
			return true
		}
	}
	for i := range t.trust.asserted {
		if a := &t.trust.asserted[i]; a.session == c.session && a.role == role {
			return true
		}
	}
	return false
}

// May reports whether, at the time at, a Client that comes as via says may do at
// path what kind says: Get, Post or Delete. A shell asks this before it notifies an
// observer, who may have lost the right meanwhile.
func (d *Device) May(kind EventKind, path string, via Via, at time.Duration) bool {
	res := d.model.find(path)
	if res == nil {
		return false
	}
	t := d.turn(at, nil)
	defer t.close()
	return t.access(&Request{Path: path, Via: via}, kind, res) == 0
}
