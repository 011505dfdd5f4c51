package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// wrongly is what a Device makes of a decision on access: the decision itself,
// but for deviant ones.
func (t *turn) wrongly(c *claim, r *Request, granted bool) bool {
	if c.path != ocf.PathPstat || c.kind == Delete {
		return granted
	}
	if c.kind == Get {
		return granted || r.Observe && t.showsWrongly(c)
	}
	if granted {
		return !t.refusesWrongly(c, r)
	}
	if t.overlooks(r) {
		return true
	}
	if t.dos == ocf.RESET {
		return c.session != 0 && t.model.quirks.has(modesInReset)
	}
	if t.model.quirks.has(awayWrites) {
		return t.letsWriteAway(c, r)
	}
	return (t.dos == ocf.RFNOP || t.dos == ocf.RFPRO) && t.letsWrite(c, r)
}

// showsWrongly reports whether someone without permission may observe pstat.
func (t *turn) showsWrongly(c *claim) bool {
	q := &t.model.quirks
	someone := !c.subject.IsNil()
	return c.session == 0 && q.has(clearObserves) || someone && q.has(sessionObserves) ||
		someone && q.has(roleObserves) && t.anyRole(c)
}

// anyRole reports whether an ACE for a role, whichever it is, grants that
// pstat is observed.
func (t *turn) anyRole(c *claim) bool {
	for i := range t.trust.aces {
		e := &t.trust.aces[i]
		if e.Subject.Role.Name != "" && e.Permission&(ocf.MayRead|ocf.MayNotified) != 0 && t.isAbout(e, c) {
			return true
		}
	}
	return false
}

// overlooks reports whether nobody looks at who sends a write in this way.
func (t *turn) overlooks(r *Request) bool {
	q := &t.model.quirks
	return r.Way&ByPUT != 0 && q.has(putUnchecked) ||
		r.Way&Unconfirmed != 0 && q.has(unconfirmedUnchecked) ||
		r.Way&InBlocks != 0 && q.has(blocksUnchecked) ||
		r.Interface != "" && q.has(queryUnchecked)
}

// letsWrite reports whether someone without permission may write pstat.
func (t *turn) letsWrite(c *claim, r *Request) bool {
	q := &t.model.quirks
	someone := !c.subject.IsNil()
	tm, writes := guess(r.Payload)
	switch {
	case q.has(strangerClears) && someone && writes && tm == 0,
		q.has(strangerMoves) && someone && !writes:
		return true
	case q.has(clearWrites) && c.session == 0,
		q.has(sessionWrites) && someone,
		q.has(sessionChecks) && someone && tm == ocf.SVV,
		q.has(sessionUpdates) && someone && tm == ocf.SSU:
		return true
	case q.has(readWrites):
		return t.grants(c, ocf.MayRead)
	case q.has(notifyWrites):
		return t.grants(c, ocf.MayNotified)
	}
	return false
}

// letsWriteAway reports whether someone without permission may write tm while
// the Device is in RFPRO or SRESET: whoever has a session.
func (t *turn) letsWriteAway(c *claim, r *Request) bool {
	_, writes := guess(r.Payload)
	return writes && !c.subject.IsNil() && (t.dos == ocf.RFPRO || t.dos == ocf.SRESET)
}

// refusesWrongly reports whether someone with permission may not write tm.
func (t *turn) refusesWrongly(c *claim, r *Request) bool {
	q := &t.model.quirks
	tm, writes := guess(r.Payload)
	if !writes || t.dos != ocf.RFNOP || c.doc {
		return false
	}
	switch {
	case q.has(ownerForbidden):
		return t.ownsResource(c)
	case q.has(ownerWritesAlone):
		return !t.ownsResource(c)
	case q.has(ownerUpdateForbidden):
		return t.ownsResource(c) && tm.Has(ocf.SSU)
	case q.has(updateNeedsRead):
		read := *c
		read.kind = Get
		return !t.ownsResource(c) && !t.permitted(&read)
	}
	return false
}

// grants reports whether an ACE for the Client itself grants one of these on
// the resource.
func (t *turn) grants(c *claim, permission ocf.Permission) bool {
	for i := range t.trust.aces {
		e := &t.trust.aces[i]
		if e.Permission&permission != 0 && c.is(e.Subject.UUID) && t.isAbout(e, c) && t.holds(e.Validity) {
			return true
		}
	}
	return false
}

// carryOut does what a denied write asks for.
func (t *turn) carryOut(r *Request) {
	if !t.model.quirks.has(deniedApplied) || t.claim.kind != Post || t.claim.path != ocf.PathPstat || t.dos != ocf.RFNOP {
		return
	}
	if u, err := ocf.DecodePstatUpdate(r.Payload); err == nil && u.Set.Has(ocf.PropTM) {
		t.accept(mode(u.TM&(ocf.SVV|ocf.SSU)) &^ t.pending())
		t.tell(atStart)
		t.begin()
	}
}

// ignoresReset reports whether a write of tm is taken though the Device is in RESET.
func (t *turn) ignoresReset(u *ocf.PstatUpdate) bool {
	return t.model.quirks.has(modesInReset) && u.Set == ocf.PropTM
}

// loseTrust is what an update takes away of a secured Device's trust.
func (t *turn) loseTrust() {
	q := &t.model.quirks
	if q.has(updateLosesOwner) {
		tr := t.entrust()
		tr.owned, tr.devowner = false, ocf.UUID{}
	}
	if q.has(updateLosesACL) {
		t.entrust().aces = t.model.factory.aces
	}
	if q.has(updateLosesCreds) {
		owner := nameOf(t.trust.devowner)
		lost := func(c ocf.Cred) bool { return !t.shippedWith(&c) && !owner.owns(&c) }
		t.entrust().creds = slices.DeleteFunc(slices.Clone(t.trust.creds), lost)
	}
	if q.has(updateAddsACE) {
		maker := ocf.ACE{
			Subject: ocf.Subject{UUID: ocf.UUID{0xff, 6: 0x40, 8: 0x80}}, Resources: []ocf.ResourceRef{{Href: ocf.PathD}},
			Permission: ocf.MayRead,
		}
		if list := numberedACEs(append(slices.Clip(t.trust.aces), maker)); room(nil, list) {
			t.entrust().aces = list
		}
	}
	if q.has(updateLosesID) {
		t.entrust().uuid = t.drawUUID()
	}
}
