package sim

import (
	"cmp"
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// trust is what Devices share until they differ: their model and, if they are
// secured, who owns them and who may do what. Neither a trust nor its lists change;
// a Device that differs gets a trust of its own, see turn.entrust and turn.remember.
type trust struct {
	model *Model
	// changes counts the changes that are to be saved.
	changes uint32

	uuid     ocf.UUID // deviceuuid, once it differs from the identity of birth
	devowner ocf.UUID
	rowners  [rowners]ocf.UUID
	owned    bool
	oxmsel   uint16
	creds    []ocf.Cred
	aces     []ocf.ACE
	sdi      ocf.SDI
	profile  string    // currentprofile in sp
	schedule *schedule // nil: as shipped

	// A power cut clears these three.
	pin      string      // the PIN shown for a Random PIN transfer
	doc      uint32      // the session that is the Device Onboarding Connection
	asserted []assertion // roles shown with certificates
	events   []ocf.AuditEvent

	// memory is what quirks remember. It is nil for the reference, which never looks
	// into it.
	memory any
}

// The resources that have an owner of their own, as indexes into trust.rowners.
const (
	doxmOwner = iota
	pstatOwner
	credOwner
	aclOwner
	rowners
)

// rownerOf returns the index of the owner of the resource at path, -1 if it has
// none.
func rownerOf(path string) int {
	return slices.Index([]string{ocf.PathDoxm, ocf.PathPstat, ocf.PathCred, ocf.PathACL}, path)
}

// entrust gives the Device a trust of its own, which may be changed in this turn and
// is saved after it.
func (t *turn) entrust() *trust {
	t.remember().changes++
	return t.trust
}

// remember is like entrust, for what a power cut clears and nobody saves.
func (t *turn) remember() *trust {
	if !t.parted {
		own := *t.trust
		t.trust, t.parted = &own, true
	}
	return t.trust
}

// secured reports whether the Device has security resources at all.
func (d *Device) secured() bool { return d.model.security != nil }

// ship makes tr the trust of a Device without an owner. The ACL is not empty,
// because everyone may find out what the Device is.
func (tr *trust) ship() {
	*tr = trust{
		model: tr.model, changes: tr.changes + 1, uuid: tr.uuid, memory: tr.memory,
		oxmsel: ocf.OXMSelf, creds: numberedCreds(tr.model.security.Shipped), profile: baselineProfile,
	}
	public := []ocf.ResourceRef{{Href: ocf.PathRes}, {Href: ocf.PathD}, {Href: ocf.PathP}}
	if !tr.model.later {
		public = append(public, ocf.ResourceRef{Href: ocf.PathDoxm})
	}
	tr.aces = []ocf.ACE{{ID: 1, Subject: ocf.Subject{Conn: ocf.AnonClear}, Resources: public, Permission: ocf.MayRead}}
}

// provision makes tr the trust of a Device that an onboarding tool has set up for
// the owner of s: what such a tool leaves behind, and what s adds to it.
func (tr *trust) provision(s *Security) {
	tr.owned, tr.devowner, tr.oxmsel = true, s.Owner, s.Methods[0]
	for i := range tr.rowners {
		tr.rowners[i] = s.Owner
	}
	key := ocf.Key{Encoding: ocf.EncodingRaw, Data: s.OwnerKey[:]}
	tr.creds = append(slices.Clip(tr.creds), ocf.Cred{Type: ocf.SymmetricPair, Subject: s.Owner.String(), Private: key})
	tr.creds = numberedCreds(append(tr.creds, s.Creds...))
	resources := []ocf.ResourceRef{{Href: ocf.PathSP}, {Href: ocf.PathCSR}, {Href: ocf.PathSDI}, {Href: ocf.PathAEL}}
	if tr.model.later {
		resources = append(resources, ocf.ResourceRef{Href: ocf.PathIntrospection}, ocf.ResourceRef{Href: ocf.PathIntrospectionData})
	}
	tr.aces = append(slices.Clip(tr.aces), ocf.ACE{
		Subject: ocf.Subject{UUID: s.Owner}, Resources: resources,
		Permission: ocf.MayRead | ocf.MayUpdate | ocf.MayDelete,
	})
	if tr.model.scheduled {
		tr.aces = append(tr.aces, ocf.ACE{
			Subject: ocf.Subject{UUID: s.Owner}, Resources: []ocf.ResourceRef{{Href: ocf.PathSoftwareUpdate}},
			Permission: ocf.MayRead | ocf.MayUpdate | ocf.MayNotified,
		})
	}
	tr.aces = numberedACEs(append(tr.aces, s.ACEs...))
}

// disown leaves the Device without an owner, in one step. Its uuid stays for now.
func (t *turn) disown() {
	t.entrust().ship()
	t.bent.disowned.happens(t)
}

// rename gives the Device a new random uuid (version 4), as RESET does.
func (t *turn) rename() {
	if t.bent.renames.decide(t, true) {
		t.entrust().uuid = t.drawUUID()
	}
}

// drawUUID draws a uuid from the Device's own sequence. It mixes in the identity of
// birth; otherwise two of a million Devices would draw the same uuid.
func (t *turn) drawUUID() ocf.UUID {
	var id ocf.UUID
	for i := range id {
		id[i] = byte(t.draw()>>24) ^ t.id[i]*0x6d ^ t.id[15-i]
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4 and the variant of RFC 9562
	return id
}

// drawPIN returns the PIN for whoever stands in front of the Device. fresh is the one
// that came with the request.
func (t *turn) drawPIN(fresh string) string {
	if pin := cmp.Or(t.model.security.PIN, fresh); pin != "" {
		return pin
	}
	digits := make([]byte, 8)
	for i := range digits {
		digits[i] = '0' + byte(t.draw()>>16)%10
	}
	return string(digits)
}

// numberedCreds gives a credid to each credential that has none.
func numberedCreds(list []ocf.Cred) []ocf.Cred {
	list = slices.Clone(list)
	for i := range list {
		if list[i].ID == 0 {
			list[i].ID = freeID(len(list), func(j int) uint32 { return list[j].ID })
		}
	}
	return list
}

// numberedACEs gives an aceid to each entry that has none.
func numberedACEs(list []ocf.ACE) []ocf.ACE {
	list = slices.Clone(list)
	for i := range list {
		if list[i].ID == 0 {
			list[i].ID = freeID(len(list), func(j int) uint32 { return list[j].ID })
		}
	}
	return list
}

// freeID returns the lowest number from 1 that none of the n entries has.
func freeID(n int, id func(int) uint32) uint32 {
	for free := uint32(1); ; free++ {
		taken := false
		for j := range n {
			taken = taken || id(j) == free
		}
		if !taken {
			return free
		}
	}
}
