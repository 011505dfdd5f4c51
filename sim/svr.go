package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// room reports whether the Device has room for these lists: each list has to fit
// into one update, because it is saved as one.
func room(creds []ocf.Cred, aces []ocf.ACE) bool {
	return len((&ocf.CredsUpdate{List: creds}).AppendCBOR(nil)) <= ocf.MaxListBytes &&
		len((&ocf.ACLUpdate{List: aces}).AppendCBOR(nil)) <= ocf.MaxListBytes
}

// baselineProfile is the only security profile of these Devices.
const baselineProfile = ocf.ProfileBaseline

// profiles lists the profiles that a Client may choose from.
var profiles = []string{baselineProfile}

// writeSecurity applies a POST to a security resource other than pstat, either all
// of it or nothing, and answers it. Nobody is notified, because pstat is the only
// observable resource.
func (t *turn) writeSecurity(path string, r *Request) {
	code := uint8(badRequest)
	switch path {
	case ocf.PathDoxm:
		if u, err := ocf.DecodeDoxmUpdate(r.Payload); err == nil {
			code = t.writeDoxm(&u, r.PIN)
		}
	case ocf.PathCred:
		if u, err := ocf.DecodeCredsUpdate(r.Payload); err == nil {
			code = t.writeCreds(&u, &r.Via)
		}
	case ocf.PathACL:
		if u, err := ocf.DecodeACLUpdate(r.Payload); err == nil {
			code = t.writeACL(&u)
		}
	case ocf.PathSDI:
		if u, err := ocf.DecodeSDIUpdate(r.Payload); err == nil {
			code = t.writeSDI(&u)
		}
	case ocf.PathSP:
		if u, err := ocf.DecodeSPUpdate(r.Payload); err == nil {
			code = t.writeSP(&u)
		}
	case ocf.PathRoles:
		if u, err := ocf.DecodeRolesUpdate(r.Payload); err == nil {
			code = t.assert(&u)
		}
	case ocf.PathAEL:
		if u, err := ocf.DecodeAELUpdate(r.Payload); err == nil {
			code = t.writeAEL(&u)
		}
	}
	if code != 0 {
		t.respond(t.refusal(code))
		return
	}
	t.respond(changed)
}

// refusal is the code for a write that the state of the Device does not allow, or
// that makes no sense. The standard does not say which code that is.
func (t *turn) refusal(code uint8) uint8 {
	return t.bent.refusal.decide(t, code)
}

// provisionable reports whether credentials, the ACL and the security domain may
// be provisioned in this state (NOTES 3.5).
func (t *turn) provisionable() bool {
	return t.dos == ocf.RFOTM || t.dos == ocf.RFPRO || t.dos == ocf.SRESET
}

// mayHand reports whether a Client may name a new owner of a resource: during the
// owner transfer, and in SRESET to repair it. Naming the present owner again is
// always allowed.
func (t *turn) mayHand(to ocf.UUID, of int) bool {
	if to == t.trust.rowners[of] {
		return true
	}
	return !to.IsNil() && (t.dos == ocf.RFOTM || t.dos == ocf.SRESET)
}

// writeDoxm chooses a transfer method before the Device Onboarding Connection
// exists, and gives the Device an owner over that connection. pin is the one to show
// if the method is Random PIN.
func (t *turn) writeDoxm(u *ocf.DoxmUpdate, pin string) (code uint8) {
	may := ocf.DoxmProperties(0)
	switch {
	case t.dos == ocf.RFOTM && t.claim.doc:
		may = ocf.DoxmOwned | ocf.DoxmDevice | ocf.DoxmDevOwner | ocf.DoxmRowner
	case t.dos == ocf.RFOTM:
		may = ocf.DoxmOXMSel
	case t.dos == ocf.SRESET:
		may = ocf.DoxmRowner
	}
	next := *t.trust
	if u.Set.Has(ocf.DoxmDevice) {
		next.uuid = u.Device
	}
	if u.Set.Has(ocf.DoxmDevOwner) {
		next.devowner = u.DevOwner
	}
	if u.Set.Has(ocf.DoxmRowner) {
		next.rowners[doxmOwner] = u.Rowner
	}
	if u.Set.Has(ocf.DoxmOwned) {
		next.owned = u.Owned
	}
	switch {
	case u.Set&^may != 0,
		u.Set.Has(ocf.DoxmDevice) && u.Device.IsNil(),
		u.Set.Has(ocf.DoxmDevOwner) && u.DevOwner.IsNil(),
		u.Set.Has(ocf.DoxmRowner) && u.Rowner.IsNil(),
		u.Set.Has(ocf.DoxmOXMSel) && !slices.Contains(t.model.security.Methods, u.OXMSel),
		next.owned && next.devowner.IsNil():
		return badRequest
	case u.Set == 0:
		return 0
	}
	tr := t.entrust()
	tr.uuid, tr.devowner, tr.rowners, tr.owned = next.uuid, next.devowner, next.rowners, next.owned
	if u.Set.Has(ocf.DoxmOXMSel) {
		tr.oxmsel, tr.pin = u.OXMSel, ""
		if u.OXMSel == ocf.OXMRandomPIN {
			tr.pin = t.drawPIN(pin)
			t.emit(Effect{Kind: ShowPIN, Text: tr.pin})
		}
	}
	if u.Set.Has(ocf.DoxmOwned) && u.Owned {
		t.audit(auditOnboarding, "owned by "+next.devowner.String())
	}
	return 0
}

// writeCreds adds credentials. A new credential replaces the one with the same
// credid; a symmetric key without a credid replaces the one that the same Client
// has.
func (t *turn) writeCreds(u *ocf.CredsUpdate, via *Via) (code uint8) {
	if !t.provisionable() || u.HasRowner && !t.mayHand(u.Rowner, credOwner) {
		return badRequest
	}
	list := slices.Clone(t.trust.creds)
	for i := range u.List {
		c := u.List[i]
		if !t.complete(&c, via) {
			return badRequest
		}
		at := slices.IndexFunc(list, func(old ocf.Cred) bool {
			if c.ID != 0 {
				return old.ID == c.ID
			}
			return c.Type == ocf.SymmetricPair && old.Type == c.Type && old.Subject == c.Subject
		})
		switch {
		case at < 0:
			list = append(list, c)
		case c.ID == 0:
			c.ID = list[at].ID
			list[at] = c
		default:
			list[at] = c
		}
	}
	if list = numberedCreds(list); !room(list, nil) {
		return badRequest
	}
	tr := t.entrust()
	tr.creds = list
	if u.HasRowner {
		tr.rowners[credOwner] = u.Rowner
	}
	return 0
}

// complete checks a credential. Over the Device Onboarding Connection it fills in
// the owner's key if the owner's credential comes without one.
func (t *turn) complete(c *ocf.Cred, via *Via) bool {
	if c.Period != "" {
		if _, err := parsePeriod(c.Period); err != nil {
			return false
		}
	}
	owner := nameOf(t.trust.devowner)
	switch {
	case c.Type == ocf.Certificate:
		return len(c.Public.Data) > 0
	case c.Type != ocf.SymmetricPair, c.Subject == "*":
		return false
	case len(c.Private.Data) == 0 && t.claim.doc && owner.owns(c) && via.OwnerKey != [16]byte{}:
		c.Private = ocf.Key{Encoding: ocf.EncodingRaw, Data: slices.Clone(via.OwnerKey[:])}
		return true
	}
	return len(c.Private.Data) == 16 || len(c.Private.Data) == 32
}

// writeACL adds ACEs. A new ACE replaces the one with the same aceid.
func (t *turn) writeACL(u *ocf.ACLUpdate) (code uint8) {
	if !t.provisionable() || u.HasRowner && !t.mayHand(u.Rowner, aclOwner) || checkACEs(u.List) != nil || !t.bent.takes.decide(t, u.List, true) {
		return badRequest
	}
	list := slices.Clone(t.trust.aces)
	for _, e := range u.List {
		at := slices.IndexFunc(list, func(old ocf.ACE) bool { return e.ID != 0 && old.ID == e.ID })
		if at < 0 {
			list = append(list, e)
		} else {
			list[at] = e
		}
	}
	if list = numberedACEs(list); !room(nil, list) {
		return badRequest
	}
	tr := t.entrust()
	tr.aces = list
	if u.HasRowner {
		tr.rowners[aclOwner] = u.Rowner
	}
	return 0
}

// writeSDI sets the security domain of the Device: its uuid only during the owner
// transfer, its name later too.
func (t *turn) writeSDI(u *ocf.SDIUpdate) (code uint8) {
	if !t.provisionable() || u.Set.Has(ocf.SDIUUID) && t.dos != ocf.RFOTM && u.UUID != t.trust.sdi.UUID {
		return badRequest
	}
	sdi := t.trust.sdi
	if u.Set.Has(ocf.SDIUUID) {
		sdi.UUID = u.UUID
	}
	if u.Set.Has(ocf.SDIName) {
		sdi.Name = u.Name
	}
	if u.Set.Has(ocf.SDIPrivate) {
		sdi.Private = u.Private
	}
	t.entrust().sdi = sdi
	return 0
}

// writeSP chooses one of the security profiles that the Device has.
func (t *turn) writeSP(u *ocf.SP) (code uint8) {
	if t.dos == ocf.RFNOP || len(u.Supported) > 0 && !slices.Equal(u.Supported, profiles) {
		return badRequest
	}
	if u.Current != "" && !slices.Contains(profiles, u.Current) {
		return badRequest
	}
	if u.Current != "" {
		t.entrust().profile = u.Current
	}
	return 0
}

// delete answers a DELETE of one credential or ACE, of all of them, or of the roles
// of a session. The credentials that the Device was shipped with stay.
func (t *turn) delete(r *Request) {
	res := t.model.find(r.Path)
	if res == nil || !res.deletable || r.Multicast {
		t.refuseMethod(r)
		return
	}
	if code := t.access(r, Delete, res); code != 0 {
		t.deny(r, code)
		return
	}
	if res.path == ocf.PathRoles {
		t.forget(r.Via.Session)
		t.respond(deleted)
		return
	}
	if !t.provisionable() {
		t.respond(t.refusal(forbidden))
		return
	}
	if !t.remove(res.path, r.ID) {
		t.respond(notFound)
		return
	}
	t.respond(deleted)
}

// remove deletes the credential or ACE with this number, or all of them if id is 0.
func (t *turn) remove(path string, id uint32) bool {
	tr := t.trust
	if path == ocf.PathACL {
		left := slices.DeleteFunc(slices.Clone(tr.aces), func(e ocf.ACE) bool { return id == 0 || e.ID == id })
		if id != 0 && len(left) == len(tr.aces) {
			return false
		}
		t.entrust().aces = left
		return true
	}
	gone := func(c ocf.Cred) bool { return id == c.ID || id == 0 && !t.shippedWith(&c) }
	left := slices.DeleteFunc(slices.Clone(tr.creds), gone)
	if id != 0 && len(left) == len(tr.creds) {
		return false
	}
	t.bent.withdraws.happens(t, left)
	t.entrust().creds = left
	return true
}

func (t *turn) shippedWith(c *ocf.Cred) bool {
	return slices.ContainsFunc(t.model.factory.creds, func(s ocf.Cred) bool { return s.ID == c.ID && s.Usage == c.Usage })
}

// appendSecurity encodes a security resource other than pstat.
func (d *Device) appendSecurity(dst []byte, path string, iface ocf.Interface) []byte {
	tr := d.trust
	switch path {
	case ocf.PathDoxm:
		x := ocf.Doxm{
			OXMs: d.model.security.Methods, OXMSel: tr.oxmsel, SCT: ocf.SymmetricPair | ocf.Certificate,
			Owned: tr.owned, Device: d.ID(), DevOwner: tr.devowner, Rowner: tr.rowners[doxmOwner],
		}
		return x.AppendCBOR(dst, iface)
	case ocf.PathCred:
		x := ocf.Creds{List: tr.creds, Rowner: tr.rowners[credOwner]}
		return x.AppendCBOR(dst, iface)
	case ocf.PathACL:
		x := ocf.ACL{List: tr.aces, Rowner: tr.rowners[aclOwner]}
		return x.AppendCBOR(dst, iface)
	case ocf.PathSP:
		x := ocf.SP{Supported: profiles, Current: tr.profile}
		return x.AppendCBOR(dst, iface)
	case ocf.PathCSR:
		var x ocf.CSR
		if request := d.model.security.CSR; request != nil {
			x = request(d.ID())
		}
		return x.AppendCBOR(dst, iface)
	case ocf.PathSDI:
		return tr.sdi.AppendCBOR(dst, iface)
	case ocf.PathRoles:
		x := ocf.Roles{List: tr.shownRoles()}
		return x.AppendCBOR(dst, iface)
	case ocf.PathAEL:
		x := tr.log()
		return x.AppendCBOR(dst, iface)
	}
	return dst
}
