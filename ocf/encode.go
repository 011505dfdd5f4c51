package ocf

import "math/bits"

// PropRequired is what every representation of pstat carries (NOTES 3.3),
// with the optional dos.p.
const PropRequired = PropDOS | PropP | PropISOP | PropCM | PropTM | PropOM | PropSM | PropRowner

// RTPstat is the resource type of pstat.
const RTPstat = "oic.r.pstat"

// Names of the interfaces as an if query or property has them.
const (
	IfBaseline = "oic.if.baseline"
	IfRW       = "oic.if.rw"
	IfR        = "oic.if.r"
	IfLL       = "oic.if.ll"
)

// AppendCBOR appends p's representation to dst, every property with an
// explicit value, also zero and false. InterfaceBaseline adds rt and if;
// InterfaceDefault is written as InterfaceRW, the first of the two in if. A
// Present that is not zero is exactly what is written. Nothing is allocated
// where dst has room for 224 bytes.
func (p Pstat) AppendCBOR(dst []byte, iface Interface) []byte {
	set := p.Present
	if set == 0 {
		set = PropRequired
	}
	if set == PropRequired && p.DOS < 24 && p.OM < 24 && p.SM < 24 {
		return p.appendRequired(dst, iface)
	}
	if iface == InterfaceBaseline {
		set |= PropRT | PropIF
	}
	dst = AppendMap(dst, topLevel(set))
	if set.Has(PropRT) {
		dst = append(dst, baselineRT...)
	}
	if set.Has(PropIF) {
		dst = append(dst, baselineIF...)
	}
	return appendPstat(dst, set, &PstatUpdate{
		DOS: p.DOS, P: p.Pending, ISOP: p.ISOP,
		CM: p.CM, TM: p.TM, OM: p.OM, SM: p.SM, Rowner: p.Rowner,
	})
}

// The pairs that only the baseline interface has.
const (
	baselineRT = "\x62rt\x81\x6boic.r.pstat"
	baselineIF = "\x62if\x82\x69oic.if.rw\x6foic.if.baseline"
)

// The required properties of pstat up to cm, and those that follow tm, with a byte in the
// place of each value that takes one. These places are counted from the end.
const (
	untilCM = "\x63dos\xa2\x61s?\x61p?\x64isop?\x62cm"
	fromOM  = "\x62om?\x62sm?\x6arowneruuid\x78\x24"

	atDOS, atPending, atISOP = 13, 10, 4
	atOM, atSM               = 18, 14
)

// appendRequired is AppendCBOR for what representations mostly are: the required
// properties, whose values but cm, tm and rowneruuid take one byte each. It copies a
// template and puts the values into it.
func (p *Pstat) appendRequired(dst []byte, iface Interface) []byte {
	if iface == InterfaceBaseline {
		dst = append(dst, "\xa9"+baselineRT+baselineIF+untilCM...)
	} else {
		dst = append(dst, "\xa7"+untilCM...)
	}
	n := len(dst)
	dst[n-atDOS], dst[n-atPending], dst[n-atISOP] = byte(p.DOS), simple(p.Pending), simple(p.ISOP)
	dst = appendHead(dst, MajorUint, uint64(p.CM))
	dst = appendHead(append(dst, "\x62tm"...), MajorUint, uint64(p.TM))
	dst = append(dst, fromOM...)
	n = len(dst)
	dst[n-atOM], dst[n-atSM] = p.OM, p.SM
	return p.Rowner.AppendText(dst)
}

// simple is how CBOR encodes v.
func simple(v bool) byte {
	if v {
		return 0xf5
	}
	return 0xf4
}

// AppendCBOR appends the update's CBOR map to dst; it carries the properties
// of Set and no others, zero values included.
func (u PstatUpdate) AppendCBOR(dst []byte) []byte {
	set := u.Set & PropRequired
	return appendPstat(AppendMap(dst, topLevel(set)), set, &u)
}

// topLevel counts the keys of a map that carries set; s and p share dos.
func topLevel(set Properties) int {
	if set.Has(PropDOS | PropP) {
		set &^= PropP
	}
	return bits.OnesCount16(uint16(set))
}

// appendPstat appends the pairs of set, in the order of the schema's examples.
func appendPstat(dst []byte, set Properties, u *PstatUpdate) []byte {
	if members := set & (PropDOS | PropP); members != 0 {
		dst = append(dst, "\x63dos"...)
		dst = AppendMap(dst, bits.OnesCount16(uint16(members)))
		if set.Has(PropDOS) {
			dst = AppendUint(append(dst, "\x61s"...), uint64(u.DOS))
		}
		if set.Has(PropP) {
			dst = AppendBool(append(dst, "\x61p"...), u.P)
		}
	}
	if set.Has(PropISOP) {
		dst = AppendBool(append(dst, "\x64isop"...), u.ISOP)
	}
	if set.Has(PropCM) {
		dst = AppendUint(append(dst, "\x62cm"...), uint64(u.CM))
	}
	if set.Has(PropTM) {
		dst = AppendUint(append(dst, "\x62tm"...), uint64(u.TM))
	}
	if set.Has(PropOM) {
		dst = AppendUint(append(dst, "\x62om"...), uint64(u.OM))
	}
	if set.Has(PropSM) {
		dst = AppendUint(append(dst, "\x62sm"...), uint64(u.SM))
	}
	if set.Has(PropRowner) {
		dst = appendUUID(append(dst, "\x6arowneruuid"...), u.Rowner)
	}
	return dst
}
