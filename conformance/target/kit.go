package target

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// kitRole is a role that nobody is granted.
const kitRole = "org.ocfsim.nobody"

// kitPrefix begins the uuid of each test Client, so that a later run knows one that
// was left behind. Enough of the uuid is random without it.
const kitPrefix = "ocfsim"

// kitPath is a resource that no Device has; the path of pstat begins with it.
const kitPath = "/oic/sec/ps"

// member is one of the test Clients: who it is, and what the Device is told
// of it.
type member struct {
	name string
	id   ocf.UUID
	key  []byte // that the Device is given
	uses []byte // that the Client uses instead; nil if it uses key
	slot uint32 // credid
	may  ocf.ACE
	gone bool // its credential is deleted again
	bare bool // it has no credential: its ACE is for connections without a session

	missing error // why there is no such Client at this Device; nil where there is
}

// credential is how the Client shows itself.
func (m member) credential() Credential {
	if m.uses != nil {
		return Credential{ID: m.id, Key: m.uses}
	}
	return Credential{ID: m.id, Key: m.key}
}

// cred is the Client's credential as the Device is given it: without a role.
func (m member) cred() ocf.Cred {
	return ocf.Cred{
		ID: m.slot, Type: ocf.SymmetricPair, Subject: m.id.String(),
		Private: ocf.Key{Encoding: ocf.EncodingRaw, Data: m.key},
	}
}

// newKit makes up the test Clients of conformance/client.go that need a
// credential, for a Device that gives icv as its edition. Each Client that must
// not write has exactly one reason why it must not.
func newKit(icv string) ([]member, error) {
	const (
		r, u, n = ocf.MayRead, ocf.MayUpdate, ocf.MayNotified
	)
	kit := []member{
		{name: conformance.Second, may: ocf.ACE{Permission: r | u | n}},
		{name: conformance.UpdateOnly, may: ocf.ACE{Permission: u}},
		{name: conformance.WithoutACE},
		{name: conformance.ReadOnly, may: ocf.ACE{Permission: r}},
		{name: conformance.NotifyOnly, may: ocf.ACE{Permission: n}},
		{name: conformance.WrongRole, may: ocf.ACE{Permission: r | u | n, Subject: ocf.Subject{Role: ocf.Role{Name: kitRole}}}},
		{name: conformance.Expired, may: ocf.ACE{
			Permission: r | u | n, Validity: []ocf.Validity{{Period: "20000101T000000Z/20001231T235959Z"}},
		}},
		{name: conformance.DeletedCredential, may: ocf.ACE{Permission: r | u | n}, gone: true},
		{name: conformance.WrongKey, may: ocf.ACE{Permission: r | u | n}},
		{name: conformance.OtherResource, may: ocf.ACE{Permission: r | u | n, Resources: hrefs(kitPath)}},
	}
	if strings.HasPrefix(icv, "ocf.2.") {
		everything := []ocf.ResourceRef{{Wildcard: "*"}}
		kit = append(kit,
			member{name: conformance.Wildcard, may: ocf.ACE{Permission: r | u | n, Resources: everything}},
			member{name: conformance.AuthCryptACE, may: ocf.ACE{Permission: r | u | n, Subject: ocf.Subject{Conn: ocf.AuthCrypt}}},
			member{name: conformance.Anonymous, bare: true, may: ocf.ACE{Permission: r | u | n, Subject: ocf.Subject{Conn: ocf.AnonClear}}})
	}
	for i := range kit {
		if err := kit[i].draw(); err != nil {
			return nil, err
		}
	}
	return kit, nil
}

// draw gives m an identity and its keys, and gives its ACE what all of them
// have in common.
func (m *member) draw() (err error) {
	if m.id, err = newUUID(); err != nil {
		return err
	}
	copy(m.id[:], kitPrefix)
	if m.key, err = newKey(); err != nil {
		return err
	}
	if m.name == conformance.WrongKey {
		if m.uses, err = newKey(); err != nil {
			return err
		}
	}
	if s := &m.may.Subject; s.Conn == "" && s.Role.Name == "" {
		s.UUID = m.id
	}
	if m.may.Resources == nil {
		m.may.Resources = []ocf.ResourceRef{{Href: ocf.PathPstat}}
	}
	return nil
}

// stray reports whether subject, the one of a credential, is a test Client.
func stray(subject string) bool {
	id, err := ocf.ParseUUID(subject)
	return err == nil && bytes.HasPrefix(id[:], []byte(kitPrefix))
}

// strayEntry reports whether e is an ACE that a run has added, to judge from whom it
// is for, and from its number where others may be meant too.
func (y *tenancy) strayEntry(e ocf.ACE) bool {
	if bytes.HasPrefix(e.Subject.UUID[:], []byte(kitPrefix)) || e.Subject.Role.Name == kitRole {
		return true
	}
	like := func(a ocf.ACE) bool {
		return overlaps(a, e) && a.Permission == e.Permission && len(a.Resources) == len(e.Resources)
	}
	return e.ID >= firstSlot && slices.ContainsFunc(append(entries(y.kit), y.grants...), like)
}

// entries are the ACEs of the kit.
func entries(kit []member) []ocf.ACE {
	var out []ocf.ACE
	for _, m := range kit {
		if m.may.Permission != 0 {
			out = append(out, m.may)
		}
	}
	return out
}

// firstSlot is where the harness begins to number what it adds. It chooses the
// numbers itself, since some Devices choose numbers that are longer than the 16
// bits of the schema, and merge entries that come without one.
const firstSlot = 40000

// number gives every credential of the kit, and every ACE, a number that is
// not taken.
func (y *tenancy) number(takenCreds, takenACEs map[uint32]bool) {
	cred, ace := uint32(firstSlot), uint32(firstSlot)
	free := func(next *uint32, taken map[uint32]bool) uint32 {
		for taken[*next] {
			*next++
		}
		*next++
		return *next - 1
	}
	for i := range y.kit {
		y.kit[i].slot = free(&cred, takenCreds)
		y.kit[i].may.ID = free(&ace, takenACEs)
	}
	for i := range y.grants {
		y.grants[i].ID = free(&ace, takenACEs)
	}
}

// hrefs are resources as an ACE names them.
func hrefs(paths ...string) []ocf.ResourceRef {
	var out []ocf.ResourceRef
	for _, path := range paths {
		out = append(out, ocf.ResourceRef{Href: path})
	}
	return out
}

// ownersEntries are the ACEs that the reference implementation's onboarding
// tool writes: for what the rowneruuids do not cover, and for what everyone may
// read. Clients with a session may read no less.
func ownersEntries(owner ocf.UUID) []ocf.ACE {
	mine := ocf.Subject{UUID: owner}
	return []ocf.ACE{
		{Subject: mine, Resources: hrefs(ocf.PathSP), Permission: ocf.MayRead | ocf.MayUpdate | ocf.MayDelete},
		{Subject: mine, Resources: hrefs(ocf.PathCSR), Permission: ocf.MayRead},
		{Subject: ocf.Subject{Conn: ocf.AnonClear}, Resources: hrefs(ocf.PathD, ocf.PathP, ocf.PathRes, ocf.PathSDI), Permission: ocf.MayRead},
		{Subject: ocf.Subject{Conn: ocf.AuthCrypt}, Resources: hrefs(ocf.PathD, ocf.PathP, ocf.PathRes), Permission: ocf.MayRead},
	}
}

// laterEntries grant owner what no rowneruuid covers on a Device of a later edition: to
// read what the Device may have beside the resources of the first one.
func laterEntries(icv string, owner ocf.UUID, links []ocf.Link) []ocf.ACE {
	if !strings.HasPrefix(icv, "ocf.2.") {
		return nil
	}
	paths := []string{ocf.PathSDI}
	for _, l := range links {
		if l.HasRT(ocf.RTAEL) || l.HasRT(ocf.RTIntrospection) {
			paths = append(paths, l.Href)
		}
	}
	return []ocf.ACE{{Subject: ocf.Subject{UUID: owner}, Resources: hrefs(paths...), Permission: ocf.MayRead | ocf.MayNotified}}
}

// updateEntries grant owner the software update resource, which no rowneruuid
// covers.
func updateEntries(owner ocf.UUID, links []ocf.Link) []ocf.ACE {
	var out []ocf.ACE
	for _, l := range links {
		if l.HasRT(typeSoftwareUpdate) {
			out = append(out, ocf.ACE{
				Subject: ocf.Subject{UUID: owner}, Resources: hrefs(l.Href),
				Permission: ocf.MayRead | ocf.MayUpdate | ocf.MayNotified,
			})
		}
	}
	return out
}

// typeSoftwareUpdate is the type of the resource that later editions have in
// addition to tm and cm of pstat.
const typeSoftwareUpdate = "oic.r.softwareupdate"

// overlaps reports whether both ACEs are for the same Clients and have a
// resource in common.
func overlaps(a, b ocf.ACE) bool {
	return a.Subject == b.Subject && slices.ContainsFunc(a.Resources, func(r ocf.ResourceRef) bool {
		return slices.ContainsFunc(b.Resources, func(q ocf.ResourceRef) bool {
			return r.Href == q.Href && r.Wildcard == q.Wildcard
		})
	})
}
