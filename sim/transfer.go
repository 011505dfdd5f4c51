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

// opened handles the start of a session. The first session of an owner transfer is
// the Device Onboarding Connection.
func (t *turn) opened(via *Via) {
	if t.secured() && via.OTM && t.dos == ocf.RFOTM && t.trust.doc == 0 && via.Session != 0 {
		t.remember().doc = via.Session
		t.audit(auditOnboarding, "owner transfer begun")
	}
}

// closed handles the end of a session. If the Device Onboarding Connection ends
// before the Device has left RFOTM, the Device resets itself.
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

// loseSessions forgets everything about sessions, because a power cut ends them
// without notice.
func (t *turn) loseSessions() {
	tr := t.trust
	if tr.doc == 0 && tr.pin == "" && len(tr.asserted)+len(tr.events) == 0 {
		return
	}
	tr = t.remember()
	tr.doc, tr.pin, tr.asserted, tr.events = 0, "", nil, nil
}

// resumeTransfer handles a Device that is in RFOTM after a power cut: a transfer
// that was under way cannot go on, and the Device resets; a transfer method that was
// only chosen has to be chosen again.
func (t *turn) resumeTransfer() {
	tr := t.trust
	switch {
	case tr.owned, !tr.devowner.IsNil(), tr.rowners != [rowners]ocf.UUID{}, len(tr.creds) != len(t.model.factory.creds):
		t.move(ocf.RESET)
	case tr.oxmsel != ocf.OXMSelf:
		t.entrust().oxmsel = ocf.OXMSelf
	}
}

// notFor returns the Properties of pstat that the Client of the claim may not write
// in this state. properties are those that no Client may write without security
// (NOTES 3.3).
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

// ready reports whether the Device may make the move that u asks for. Every resource
// must have an owner first (NOTES 3.1).
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
