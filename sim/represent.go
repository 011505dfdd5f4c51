package sim

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// owner owns every Device without security: it is an owner in name only.
var owner = ocf.UUID{0x0c, 0xf5, 0x1a, 0x00, 0x00, 0x00, 0x40, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 1}

// links is what /oic/res of the Device lists.
func (d *Device) links() []ocf.Link {
	links := d.model.links
	if d.secured() && !d.trust.owned {
		links = d.model.unowned
	}
	return d.model.bent.listed.see(d, links)
}

// list is what /oic/res lists. A link has endpoints of both schemes if a Client may
// use it without a session: what the Device is, and, while the Device has no owner,
// how to own it.
func (m *Model) list(owned bool) []ocf.Link {
	var links []ocf.Link
	for i := range resources {
		res := &resources[i]
		if res.rt == "" || !m.serves(res) {
			continue
		}
		bm := uint8(ocf.Discoverable)
		if res.observable {
			bm |= ocf.Observable
		}
		link := ocf.Link{Href: res.path, RT: []string{res.rt}, IF: res.interfaces, BM: bm}
		if res.path == ocf.PathD {
			link.RT = deviceTypes
		}
		if m.security != nil && (res.svr && (owned || res.path != ocf.PathDoxm) || res.vertical || res.later) {
			link.Scheme = "coaps"
		}
		links = append(links, link)
	}
	return links
}

var deviceTypes = []string{"oic.wk.d", "oic.d.light"}

// ContentFormat is the Content-Format of r's payload. If a request has an Accept
// option, the shell deals with it.
func (d *Device) ContentFormat(r Rep) uint16 {
	format := uint16(ocf.FormatOCFCBOR)
	if r.Path == ocf.PathCore {
		format = ocf.FormatLinks
	}
	return d.model.bent.format.see(d, r, format)
}

// Encode appends the payload of r to dst. /oic/res lists the Device's endpoints eps,
// such as "coap://127.1.0.1:5683". A Rep without a path has no payload.
func (d *Device) Encode(dst []byte, r Rep, eps []string) []byte {
	iface := ocf.InterfaceDefault
	switch r.Interface {
	case ocf.IfBaseline:
		iface = ocf.InterfaceBaseline
	case ocf.IfRW:
		iface = ocf.InterfaceRW
	}
	switch r.Path {
	case ocf.PathPstat:
		return d.appendPstat(dst, r, iface)
	case ocf.PathRes:
		list := ocf.Res{DI: d.ID(), Endpoints: eps, Links: d.links(), RT: r.RT}
		return list.AppendCBOR(dst, iface)
	case ocf.PathD:
		self := ocf.D{
			RT: deviceTypes, Name: cmp.Or(d.model.config.Name, "ocfsim "+d.model.config.Behaviour.Name), DI: d.ID(),
			ICV: "ocf.1.0.0", DMV: "ocf.res.1.0.0,ocf.sh.1.0.0", PIID: d.derived(0x5a), SV: versionText(0),
		}
		if d.versionAt() == VersionInD {
			self.SV = versionText(r.State.Version)
		}
		if d.model.later {
			self.ICV, self.DMV = "ocf.2.2.5", "ocf.res.1.3.0,ocf.sh.1.3.0"
		}
		return self.AppendCBOR(dst, iface)
	case ocf.PathP:
		platform := ocf.P{PI: d.derived(0xa5), MNMN: cmp.Or(d.model.config.Manufacturer, "ocfsim")}
		if d.versionAt() == VersionInP {
			platform.MNFV = versionText(r.State.Version)
		}
		return platform.AppendCBOR(dst, iface)
	case ocf.PathDoxm:
		return d.appendDoxm(dst, r.State, iface)
	case ocf.PathCore:
		return d.appendCore(dst, r.RT)
	case ocf.PathSoftwareUpdate:
		return d.softwareUpdate(r.State).AppendCBOR(dst, iface)
	}
	at := len(dst)
	return d.model.bent.resource.see(d, encoded{r.Path, at}, d.appendOther(dst, r.Path, iface, eps))
}

// encoded is the path of a resource and the offset at which its encoding starts.
type encoded struct {
	path string
	at   int
}

// appendOther encodes what is neither pstat nor tells what the Device is: introspection
// and the security resources.
func (d *Device) appendOther(dst []byte, path string, iface ocf.Interface, eps []string) []byte {
	switch path {
	case ocf.PathIntrospection:
		var x ocf.Introspection
		for _, ep := range eps {
			protocol, _, _ := strings.Cut(ep, ":")
			if d.secured() && protocol == "coap" {
				continue // it is not served there
			}
			x.Documents = append(x.Documents, ocf.Document{URL: ep + ocf.PathIntrospectionData, Protocol: protocol})
		}
		return x.AppendCBOR(dst, iface)
	case ocf.PathIntrospectionData:
		return ocf.AppendIntrospectionData(dst, "ocfsim "+d.model.config.Behaviour.Name, d.links())
	}
	return d.appendSecurity(dst, path, iface)
}

// derived makes another identity of the same Device from its identity of birth.
func (d *Device) derived(by byte) ocf.UUID {
	id := d.id
	for i := range id {
		id[i] ^= by
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // the version and variant of a random UUID, RFC 9562
	return id
}

func (d *Device) appendDoxm(dst []byte, s State, iface ocf.Interface) []byte {
	if d.secured() {
		return d.appendSecurity(dst, ocf.PathDoxm, iface)
	}
	x := ocf.Doxm{OXMs: []uint16{0}, SCT: 9, Owned: s.Owned, Device: d.id}
	if s.Owned {
		x.DevOwner, x.Rowner = owner, owner
	}
	return x.AppendCBOR(dst, iface)
}

// appendPstat encodes pstat as this Device does. In the first edition the default
// interface is baseline, the only one that the schema has.
func (d *Device) appendPstat(dst []byte, r Rep, iface ocf.Interface) []byte {
	s := r.State
	if iface == ocf.InterfaceDefault && d.model.bent.baseline.see(d, !d.model.later) {
		iface = ocf.InterfaceBaseline
	}
	p := ocf.Pstat{
		DOS: s.DOS, Pending: s.Pending, ISOP: s.ISOP, CM: s.CM, TM: s.TM, OM: s.OM, SM: s.SM,
		Present: ocf.PropRequired,
	}
	if d.secured() || s.Owned {
		p.Rowner = d.Rowner()
	}
	if bent := &d.model.bent.payloadBends; len(bent.pstat)+len(bent.pairs)+len(bent.payload) == 0 {
		return p.AppendCBOR(dst, iface) // what follows comes to the same, and is slower
	}
	p = d.model.bent.pstat.see(d, audience{r.Interface, r.Told}, p)
	w := written{p, len(dst)}
	return d.model.bent.payload.see(d, w, d.model.bent.pairs.see(d, w, p.AppendCBOR(dst, iface)))
}

// Rowner is the owner of pstat, its rowneruuid; nil if it has none. Of a Device without
// security it is an owner in name only.
func (d *Device) Rowner() ocf.UUID {
	if d.secured() {
		return d.trust.rowners[pstatOwner]
	}
	return owner
}

// audience says for whom pstat is encoded.
type audience struct {
	iface string // as the request names it
	told  bool   // for observers, not in an answer
}

// written is a pstat and the offset at which its encoding starts.
type written struct {
	ocf.Pstat
	at int
}

// appendCore encodes the list of links in the link format of RFC 6690.
func (d *Device) appendCore(dst []byte, rt string) []byte {
	start := len(dst)
	for _, l := range d.links() {
		if rt != "" && !slices.Contains(l.RT, rt) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '<'), l.Href...), ">;rt=\""...)
		dst = appendWords(dst, l.RT)
		dst = append(dst, "\";if=\""...)
		dst = appendWords(dst, l.IF)
		dst = append(dst, "\";ct=10000"...)
		if l.BM&ocf.Observable != 0 {
			dst = append(dst, ";obs"...)
		}
	}
	return dst
}

func appendWords(dst []byte, words []string) []byte {
	for i, w := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, w...)
	}
	return dst
}
