package ocf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The policy bits of a link, p.bm.
const (
	Discoverable = 1
	Observable   = 2
)

// Link is one entry of /oic/res.
type Link struct {
	DI        UUID     // of the anchor "ocf://<di>"
	Href      string   // "/oic/sec/pstat"
	RT, IF    []string // resource types and interfaces
	BM        uint8    // p.bm: Discoverable, Observable
	Endpoints []string // eps: "coap://192.0.2.1:5683"
	Scheme    string   // which of the endpoints of Res it has: "coaps"; "" for all
}

// HasRT reports whether rt is among the link's resource types; "" is always.
func (l *Link) HasRT(rt string) bool { return rt == "" || slices.Contains(l.RT, rt) }

// Res is a representation of /oic/res. Many Devices may share its Links: DI and
// Endpoints are used for each Link that has none of its own. A Link's own
// Endpoints are written whatever its Scheme.
type Res struct {
	DI        UUID
	Endpoints []string
	Links     []Link
	RT        string // only links that have this resource type; "" for all
}

// Empty reports whether no link passes the filter RT. A Device then does not
// answer a multicast request at all, and answers a unicast request with 4.04 or
// an empty list.
func (r *Res) Empty() bool {
	return !slices.ContainsFunc(r.Links, func(l Link) bool { return l.HasRT(r.RT) })
}

// AppendCBOR appends r's representation to dst: an array of links, and under
// InterfaceBaseline an array of one map that has them as its property links.
func (r *Res) AppendCBOR(dst []byte, iface Interface) []byte {
	if iface == InterfaceBaseline {
		dst = AppendArray(dst, 1)
		dst = appendCommon(dst, 1, iface, []string{"oic.wk.res"}, []string{IfLL, IfBaseline})
		dst = AppendText(dst, "links")
	}
	n := 0
	for i := range r.Links {
		if r.Links[i].HasRT(r.RT) {
			n++
		}
	}
	dst = AppendArray(dst, n)
	for i := range r.Links {
		if r.Links[i].HasRT(r.RT) {
			dst = r.appendLink(dst, &r.Links[i])
		}
	}
	return dst
}

func (r *Res) appendLink(dst []byte, l *Link) []byte {
	di, eps := l.DI, l.Endpoints
	if di.IsNil() {
		di = r.DI
	}
	scheme := ""
	if eps == nil {
		eps, scheme = r.Endpoints, l.Scheme
	}
	dst = append(AppendMap(dst, 6), "\x66anchor\x78\x2aocf://"...)
	dst = di.AppendText(dst)
	dst = AppendText(AppendText(dst, "href"), l.Href)
	dst = appendTexts(AppendText(dst, "rt"), l.RT)
	dst = appendTexts(AppendText(dst, "if"), l.IF)
	dst = AppendUint(append(dst, "\x61p\xa1\x62bm"...), uint64(l.BM))
	return appendEndpoints(AppendText(dst, "eps"), eps, scheme)
}

// appendEndpoints appends those of eps that are of scheme; "" is every one.
func appendEndpoints(dst []byte, eps []string, scheme string) []byte {
	n := 0
	for _, ep := range eps {
		if hasScheme(ep, scheme) {
			n++
		}
	}
	dst = AppendArray(dst, n)
	for _, ep := range eps {
		if hasScheme(ep, scheme) {
			dst = AppendText(append(dst, "\xa1\x62ep"...), ep)
		}
	}
	return dst
}

func hasScheme(ep, scheme string) bool {
	return scheme == "" || len(ep) > len(scheme) && ep[len(scheme)] == ':' && ep[:len(scheme)] == scheme
}

// DecodeRes reads a representation of /oic/res as a Client sees it: an array
// of links, or of maps that have links, as baseline and OIC 1.1 do. An anchor,
// p and eps may be missing. err is set where the payload is no CBOR array.
func DecodeRes(payload []byte) ([]Link, []Problem, error) {
	it, rest, err := one(payload, MaxPayloadBytes)
	if err != nil {
		return nil, nil, err
	}
	if it.major() != MajorArray {
		return nil, nil, errors.New(Problem{"payload", "array of links", it.describe()}.String())
	}
	var r linksReader
	r.links(it, "", UUID{})
	if len(rest) > 0 {
		r.problems = append(r.problems, trailing(rest))
	}
	return r.found, r.problems, nil
}

// linksReader collects the links of /oic/res.
type linksReader struct {
	found    []Link
	problems []Problem
}

func (r *linksReader) links(list item, prefix string, di UUID) {
	i := 0
	for element := range list.elements() {
		at := fmt.Sprintf("%s[%d]", prefix, i)
		i++
		if element.major() != MajorMap {
			r.problems = append(r.problems, Problem{at, "link", element.describe()})
			continue
		}
		r.link(element, at, di)
	}
}

// link reads one link, or the links of a map that has some.
func (r *linksReader) link(it item, at string, di UUID) {
	l := Link{DI: di}
	var nested item
	var anchor string
	fields := []field{
		textField("href", &l.Href),
		textsField("rt", &l.RT),
		textsField("if", &l.IF),
		opt(textField("anchor", &anchor)),
		opt(uuidField("di", &l.DI)),
		opt(field{name: "p", want: "map with bm", read: l.readPolicy}),
		opt(field{name: "eps", want: "array of endpoints", read: l.readEndpoints}),
		opt(field{name: "links", want: "array of links", read: func(it item) bool {
			nested = it
			return it.major() == MajorArray
		}}),
	}
	problems := readFields(it, at+".", fields)
	if nested != nil && nested.major() == MajorArray {
		r.links(nested, at+".links", l.DI)
		return
	}
	if u, err := ParseUUID(strings.TrimPrefix(anchor, "ocf://")); err == nil {
		l.DI = u
	}
	r.problems = append(r.problems, problems...)
	r.found = append(r.found, l)
}

// readPolicy reads {"bm": 3}; its other members are of older editions.
func (l *Link) readPolicy(it item) bool {
	if it.major() != MajorMap {
		return false
	}
	var bm uint16
	problems := readFields(it, "", []field{opt(wordField("bm", &bm))})
	l.BM = uint8(bm)
	return len(problems) == 0 && bm <= 0xff
}

// readEndpoints reads [{"ep": "coap://..."}]; pri is passed over.
func (l *Link) readEndpoints(it item) bool {
	if it.major() != MajorArray {
		return false
	}
	for element := range it.elements() {
		var ep string
		if element.major() != MajorMap || len(readFields(element, "", []field{textField("ep", &ep)})) > 0 {
			return false
		}
		l.Endpoints = append(l.Endpoints, ep)
	}
	return true
}
