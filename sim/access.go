package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// claim is who asks a secured Device for what.
type claim struct {
	path    string // one of ocf
	svr     bool   // a security resource
	kind    EventKind
	session uint32
	// subject is whom the session is known to belong to; nil: nobody.
	subject ocf.UUID
	doc     bool // it comes over the Device Onboarding Connection
	// service says that the claim was granted to the owner of cred or acl2,
	// who may write less of pstat than the owner of pstat.
	service bool
}

// access says whether the request may be served: 0, or the code to refuse it
// with. A Device without security grants everything to everyone.
func (t *turn) access(r *Request, kind EventKind, res *resource) (refusal uint8) {
	if !t.secured() {
		return 0
	}
	c := &t.claim
	*c = claim{path: res.path, svr: res.svr, kind: kind, session: r.Via.Session}
	if c.path == ocf.PathCore {
		c.path = ocf.PathRes // another form of the same list
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

// laterAccess is the decision of ocf-2.2 (NOTES 3.4). Numbers 2 and 3 there
// are about vertical resources, which these Devices have none of.
func (t *turn) laterAccess(c *claim) bool {
	switch {
	case t.dos == ocf.RESET && c.svr: // nobody is anyone's owner
		return false
	case t.dos == ocf.RFOTM && c.session == 0 && t.trust.doc != 0: // 1
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

// firstAccess is the decision of ocf-1.0: an owner of the Device has more
// than its resource, and the ACL alone decides on plain CoAP (NOTES 3.4, 4.1).
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

// introduces reports whether everyone may make the claim to a Device in RFOTM
// that is nobody's yet: to see what it is, and to choose a transfer method.
func (c *claim) introduces() bool {
	switch c.path {
	case ocf.PathRes, ocf.PathD, ocf.PathP, ocf.PathPstat:
		return c.kind == Get
	case ocf.PathDoxm:
		return c.kind == Get || c.kind == Post
	}
	return false
}

// is reports whether the claim is made by whom, who has to be someone.
func (c *claim) is(whom ocf.UUID) bool { return !whom.IsNil() && c.subject == whom }

// ownsResource reports whether the claim is of the resource's own owner.
func (t *turn) ownsResource(c *claim) bool {
	i := rownerOf(c.path)
	return i >= 0 && c.is(t.trust.rowners[i])
}

// need is the permissions of which one lets the claim through.
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

// permitted reports whether an ACE lets the claim through, or the role that
// has every permission.
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

// entry is an ACE that is looked at for a claim.
type entry struct {
	ace   *ocf.ACE
	claim *claim
}

// ownerRole may do everything.
const ownerRole = "oic.role.owner"

// knows reports whether the Device still has a credential of the Client whose
// session it is. With a trust anchor, every uuid may be somebody's.
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

// name is a uuid as the subject of a credential has it.
type name [36]byte

func nameOf(id ocf.UUID) (n name) {
	id.AppendText(n[:0])
	return n
}

// owns reports whether cred is that of the Client with this name.
func (n *name) owns(cred *ocf.Cred) bool { return cred.Subject == string(n[:]) }

// hasRole reports whether the Client of the claim has the role: its symmetric
// key says so, or it has shown a certificate.
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

// May reports whether a Client that comes as via may do at path, at the time
// at, what kind is: Get, Post or Delete. A shell asks it whether an observer
// still may be told.
func (d *Device) May(kind EventKind, path string, via Via, at time.Duration) bool {
	res := d.model.find(path)
	if res == nil {
		return false
	}
	t := d.turn(at, nil)
	defer t.close()
	return t.access(&Request{Path: path, Via: via}, kind, res) == 0
}
