package ocf

import "math/bits"

// SDI is a representation of /oic/sec/sdi, the security domain.
type SDI struct {
	UUID    UUID
	Name    string
	Private bool // priv
}

// SDIProperties is a set of properties of sdi.
type SDIProperties uint8

// The properties of sdi.
const (
	SDIUUID SDIProperties = 1 << iota
	SDIName
	SDIPrivate

	SDIAll = SDIUUID | SDIName | SDIPrivate
)

// Has reports whether every property of q is in p.
func (p SDIProperties) Has(q SDIProperties) bool { return p&q == q }

// SDIUpdate is the payload of a POST to /oic/sec/sdi; Set says what of SDI it
// carries.
type SDIUpdate struct {
	Set SDIProperties
	SDI
}

// AppendCBOR appends x's representation to dst. InterfaceBaseline adds rt and if.
func (x *SDI) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 3, iface, []string{RTSDI}, []string{IfRW, IfBaseline})
	return x.appendPairs(dst, SDIAll)
}

// AppendUpdate appends x whole as the payload of a POST to dst, as onboarding
// tools write it.
func (x *SDI) AppendUpdate(dst []byte) []byte { return x.appendPairs(AppendMap(dst, 3), SDIAll) }

// AppendCBOR appends u as the payload of a POST to dst; it carries the
// properties of Set and no others.
func (u *SDIUpdate) AppendCBOR(dst []byte) []byte {
	set := u.Set & SDIAll
	return u.appendPairs(AppendMap(dst, bits.OnesCount8(uint8(set))), set)
}

func (x *SDI) appendPairs(dst []byte, set SDIProperties) []byte {
	if set.Has(SDIUUID) {
		dst = appendUUID(AppendText(dst, "uuid"), x.UUID)
	}
	if set.Has(SDIName) {
		dst = AppendText(AppendText(dst, "name"), x.Name)
	}
	if set.Has(SDIPrivate) {
		dst = AppendBool(AppendText(dst, "priv"), x.Private)
	}
	return dst
}

// DecodeSDI reads a representation of /oic/sec/sdi as a Client sees it. It is
// as tolerant as DecodePstat.
func DecodeSDI(payload []byte) (SDI, []Problem, error) {
	var u SDIUpdate
	problems, err := readObject(payload, u.fields())
	return u.SDI, problems, err
}

// DecodeSDIUpdate reads the payload of a POST to /oic/sec/sdi as a Device
// does. It is as strict as DecodePstatUpdate.
func DecodeSDIUpdate(payload []byte) (SDIUpdate, error) {
	var u SDIUpdate
	if err := readKnown(payload, u.fields()); err != nil {
		return SDIUpdate{}, err
	}
	return u, nil
}

func (u *SDIUpdate) fields() []field {
	return []field{
		sets(uuidField("uuid", &u.UUID), &u.Set, SDIUUID),
		sets(textField("name", &u.Name), &u.Set, SDIName),
		sets(boolField("priv", &u.Private), &u.Set, SDIPrivate),
	}
}
