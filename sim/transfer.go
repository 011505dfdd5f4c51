package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// The way of a secured Device to an owner and back:
//
//	RFOTM, oxmsel 4      no session; everyone sees what it is
//	  | oxmsel, by plain CoAP
//	RFOTM, Door open     one session, by the method chosen
//	  | SessionOpened
//	RFOTM, DOC           only the Device Onboarding Connection is heard; it
//	  |                  names owners and credentials; its end is RESET
//	  | dos
//	RFPRO, RFNOP, SRESET sessions by credential; the DOC goes on until it ends
//	  | dos RESET        nobody's, at once
//	RESET                after a while another uuid, all sessions ended, RFOTM

// opened hears that a session has begun. The first one of a transfer is the
// Device Onboarding Connection.
func (t *turn) opened(via *Via) {
	if t.secured() && via.OTM && t.dos == ocf.RFOTM && t.trust.doc == 0 && via.Session != 0 {
		t.remember().doc = via.Session
		t.audit(auditOnboarding, "owner transfer begun")
	}
}

// closed hears that a session has ended. A Device whose Device Onboarding
// Connection ends before it has left RFOTM resets itself.
func (t *turn) closed(via *Via) {
	if !t.secured() || via.Session == 0 {
		return
	}
	t.forget(via.Session)
	if t.trust.doc != via.Session {
		return
	}
	t.remember().doc = 0
	if t.dos == ocf.RFOTM {
		t.move(ocf.RESET)
		t.tell(atMove)
	}
}

// loseSessions is what a power cut does to sessions: nobody hears of them again.
func (t *turn) loseSessions() {
	tr := t.trust
	if tr.doc == 0 && tr.pin == "" && len(tr.asserted)+len(tr.events) == 0 {
		return
	}
	tr = t.remember()
	tr.doc, tr.pin, tr.asserted, tr.events = 0, "", nil, nil
}

// resumeTransfer finds a Device in RFOTM after a power cut: a transfer that was
// under way can't go on, and one that was prepared begins anew.
func (t *turn) resumeTransfer() {
	tr := t.trust
	switch {
	case tr.owned, !tr.devowner.IsNil(), tr.rowners != [rowners]ocf.UUID{}, len(tr.creds) != len(t.model.factory.creds):
		t.move(ocf.RESET)
	case tr.oxmsel != ocf.OXMSelf:
		t.entrust().oxmsel = ocf.OXMSelf
	}
}

// notFor is what the Client of the claim may not write of pstat in this state,
// of the properties that no Client may write without security (NOTES 3.3).
func (t *turn) notFor(properties ocf.Properties) ocf.Properties {
	const everything = ocf.PropRequired | ocf.PropRT | ocf.PropIF
	switch {
	case !t.secured():
		return properties
	case t.claim.service && (t.dos == ocf.RFPRO || t.dos == ocf.RFNOP):
		return everything &^ (ocf.PropDOS | ocf.PropTM | ocf.PropOM)
	case t.claim.service:
		return everything &^ ocf.PropDOS
	case t.dos == ocf.RFOTM, t.dos == ocf.SRESET:
		return properties &^ ocf.PropRowner
	}
	return properties
}

// ready reports whether the Device can go where the write wants it, which has
// to name who owns what first (NOTES 3.1).
func (t *turn) ready(u *ocf.PstatUpdate) bool {
	if !t.secured() || u.DOS == ocf.RESET {
		return true
	}
	tr := t.trust
	owners := tr.rowners
	if u.Set.Has(ocf.PropRowner) {
		owners[pstatOwner] = u.Rowner
	}
	if !tr.owned || tr.devowner.IsNil() || slices.Contains(owners[:], ocf.UUID{}) {
		return false
	}
	for _, o := range owners {
		client := nameOf(o)
		known := func(c ocf.Cred) bool { return client.owns(&c) }
		if t.model.later && !slices.ContainsFunc(tr.creds, known) {
			return false
		}
	}
	return true
}
