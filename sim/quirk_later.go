package sim

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// laterQuirks are about what only ocf-2.2 says of access, of interfaces and of the
// resources that a Device has.
var laterQuirks = []quirk{
	{
		name: "sdi-absent", knob: "sdi", lawful: true, says: "The Device has no /oic/sec/sdi, which it need not have.",
		bend: func(b *bends) { b.absent = append(b.absent, ocf.PathSDI) },
	},
	{
		name: "ael-absent", knob: "ael", lawful: true, says: "The Device has no /oic/sec/ael, which it need not have.",
		bend: func(b *bends) { b.absent = append(b.absent, ocf.PathAEL) },
	},
	{
		name: "clear-reads", knob: "clear-reads", says: "Everyone may read pstat by plain CoAP.",
		bend: func(b *bends) {
			b.granted.add(func(t *turn, c *claim, granted bool) bool {
				return granted || c.path == ocf.PathPstat && c.kind == Get && c.session == 0 && !t.sent.observe
			})
		},
	},
	{
		name: "cred-clear-reads", knob: "clear-reads", says: "Everyone may read the credentials, without their keys, by plain CoAP.",
		bend: func(b *bends) {
			b.granted.add(func(t *turn, c *claim, granted bool) bool {
				return granted || c.path == ocf.PathCred && c.kind == Get && c.session == 0 && t.dos != ocf.RESET
			})
		},
	},
	{
		name: "anon-clear-opens", knob: "clear-reads",
		says: "An ACE for connections without a session opens pstat to plain CoAP, although no ACE does.",
		bend: func(b *bends) {
			b.granted.add(func(t *turn, c *claim, granted bool) bool {
				return granted || c.path == ocf.PathPstat && c.session == 0 && t.trust.owned && t.opensPlainly(c)
			})
		},
	},
	{
		name: "cms-opens", knob: "service-opens", says: "The owner of /oic/sec/cred may do with pstat what its own owner may.",
		bend: opensTo(credOwner),
	},
	{
		name: "ams-opens", knob: "service-opens", says: "The owner of /oic/sec/acl2 may do with pstat what its own owner may.",
		bend: opensTo(aclOwner),
	},
	{
		name: "rw-refused", knob: "interfaces", says: "A request on oic.if.rw is refused.",
		bend: refusesInterface(ocf.IfRW),
	},
	{
		name: "default-baseline", knob: "default", says: "A request that names no interface is answered as on oic.if.baseline.",
		bend: func(b *bends) { b.baseline.add(func(*Device, bool) bool { return true }) },
	},
	{
		name: "sp-absent", knob: "sp", says: "The Device has no /oic/sec/sp.",
		bend: func(b *bends) { b.absent = append(b.absent, ocf.PathSP) },
	},
	{
		name: "sp-without-current", knob: "sp", says: "/oic/sec/sp does not say which profile is current.",
		bend: shows(ocf.PathSP, func() []byte {
			return (&ocf.SP{Supported: profiles}).AppendUpdate(nil)
		}),
	},
	{
		name: "sdi-without-priv", knob: "sdi", says: "/oic/sec/sdi does not say whether it is private.",
		bend: shows(ocf.PathSDI, func() []byte {
			return (&ocf.SDIUpdate{Set: ocf.SDIUUID | ocf.SDIName, SDI: ocf.SDI{Name: "home"}}).AppendCBOR(nil)
		}),
	},
	{
		name: "sdi-only-listed", knob: "sdi", says: "/oic/res lists /oic/sec/sdi, and the Device does not have it.",
		bend: func(b *bends) {
			b.absent = append(b.absent, ocf.PathSDI)
			b.listed.add(func(_ *Device, links []ocf.Link) []ocf.Link {
				link := ocf.Link{Href: ocf.PathSDI, RT: []string{ocf.RTSDI}, IF: bothRW, BM: ocf.Discoverable, Scheme: "coaps"}
				return append(slices.Clip(links), link)
			})
		},
	},
	{
		name: "ael-without-events", knob: "ael", says: "/oic/sec/ael shows its filters and no events.",
		bend: shows(ocf.PathAEL, func() []byte {
			return ocf.AELUpdate{Set: ocf.AELCategoryFilter | ocf.AELPriorityFilter, CategoryFilter: 0xff, PriorityFilter: 4}.AppendCBOR(nil)
		}),
	},
	{
		name: "introspection-absent", knob: "introspection", says: "The Device has no introspection resource.",
		bend: func(b *bends) { b.absent = append(b.absent, ocf.PathIntrospection) },
	},
	{
		name: "introspection-empty", knob: "introspection", says: "The introspection resource names no document.",
		bend: shows(ocf.PathIntrospection, func() []byte { return new(ocf.Introspection).AppendCBOR(nil, ocf.InterfaceRW) }),
	},
}

// opensPlainly reports whether an ACE for connections without a session would grant the
// claim, if such an ACE counted.
func (t *turn) opensPlainly(c *claim) bool {
	return slices.ContainsFunc(t.trust.aces, func(e ocf.ACE) bool {
		return e.Subject.Conn == ocf.AnonClear && e.Permission&t.need(c) != 0 && t.isAbout(&e, c)
	})
}

// opensTo lets the owner of another security resource do anything with pstat.
func opensTo(service int) func(*bends) {
	return func(b *bends) {
		b.granted.add(func(t *turn, c *claim, granted bool) bool {
			return granted || c.path == ocf.PathPstat && t.dos != ocf.RESET && c.is(t.trust.rowners[service])
		})
	}
}

// refusesInterface lets pstat lack the named interface.
func refusesInterface(name string) func(*bends) {
	return func(b *bends) {
		b.hasInterface.add(func(_ *turn, r *Request, has bool) bool {
			return has && (r.Path != ocf.PathPstat || r.Interface != name)
		})
	}
}

// shows puts payload in place of the representation of the resource at path.
func shows(path string, payload func() []byte) func(*bends) {
	return func(b *bends) {
		b.resource.add(func(_ *Device, of encoded, dst []byte) []byte {
			if of.path == path {
				return append(dst[:of.at], payload()...)
			}
			return dst
		})
	}
}
