package ocf

import "math/bits"

// Doxm is a representation of /oic/sec/doxm: how the Device is owned, and by
// whom. The zero value has no methods and no owner.
type Doxm struct {
	OXMs     []uint16 // the owner transfer methods it offers
	OXMSel   uint16   // the one chosen; 4 is "self", what a Device has in RESET
	SCT      uint16   // oic.sec.credtype, a mask
	Owned    bool
	Device   UUID // deviceuuid
	DevOwner UUID // devowneruuid
	Rowner   UUID // rowneruuid
}

// AppendCBOR appends x's representation to dst, every property explicit.
// InterfaceBaseline adds rt and if.
func (x *Doxm) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 7, iface, []string{RTDoxm}, []string{IfRW, IfBaseline})
	dst = AppendArray(AppendText(dst, "oxms"), len(x.OXMs))
	for _, oxm := range x.OXMs {
		dst = AppendUint(dst, uint64(oxm))
	}
	dst = AppendUint(AppendText(dst, "oxmsel"), uint64(x.OXMSel))
	dst = AppendUint(AppendText(dst, "sct"), uint64(x.SCT))
	dst = AppendBool(AppendText(dst, "owned"), x.Owned)
	dst = appendUUID(AppendText(dst, "deviceuuid"), x.Device)
	dst = appendUUID(AppendText(dst, "devowneruuid"), x.DevOwner)
	return appendUUID(AppendText(dst, "rowneruuid"), x.Rowner)
}

// DecodeDoxm reads a representation of /oic/sec/doxm as a Client sees it. It
// is as tolerant as DecodePstat.
func DecodeDoxm(payload []byte) (Doxm, []Problem, error) {
	var x Doxm
	problems, err := readObject(payload, []field{
		wordsField("oxms", &x.OXMs),
		wordField("oxmsel", &x.OXMSel),
		wordField("sct", &x.SCT),
		boolField("owned", &x.Owned),
		uuidField("deviceuuid", &x.Device),
		uuidField("devowneruuid", &x.DevOwner),
		uuidField("rowneruuid", &x.Rowner),
	})
	return x, problems, err
}

// wordsField reads an array of unsigned integers of 16 bits into to.
func wordsField(name string, to *[]uint16) field {
	return field{name: name, want: "array of unsigned integers 0 to 65535", read: func(it item) bool {
		if it.major() != MajorArray {
			return false
		}
		var list []uint16
		for element := range it.elements() {
			n, ok := element.unsigned(0xffff)
			if !ok {
				return false
			}
			list = append(list, uint16(n))
		}
		*to = list
		return true
	}}
}

// appendCommon appends the head of a map of n properties, and for the baseline
// interface the common properties rt and if.
func appendCommon(dst []byte, n int, iface Interface, rt, ifs []string) []byte {
	if iface != InterfaceBaseline {
		return AppendMap(dst, n)
	}
	dst = appendTexts(AppendText(AppendMap(dst, n+2), "rt"), rt)
	return appendTexts(AppendText(dst, "if"), ifs)
}

// DoxmProperties is a set of properties of doxm.
type DoxmProperties uint8

// The properties of doxm that a Client may ever write.
const (
	DoxmOXMSel DoxmProperties = 1 << iota
	DoxmOwned
	DoxmDevice
	DoxmDevOwner
	DoxmRowner

	doxmAll = DoxmOXMSel | DoxmOwned | DoxmDevice | DoxmDevOwner | DoxmRowner
)

// Has reports whether every property of q is in p.
func (p DoxmProperties) Has(q DoxmProperties) bool { return p&q == q }

// DoxmUpdate is the payload of a POST to doxm; Set says what it carries.
type DoxmUpdate struct {
	Set      DoxmProperties
	OXMSel   uint16
	Owned    bool
	Device   UUID
	DevOwner UUID
	Rowner   UUID
}

// AppendCBOR appends u as the payload of a POST to dst; it carries the
// properties of Set and no others, zero values included.
func (u DoxmUpdate) AppendCBOR(dst []byte) []byte {
	dst = AppendMap(dst, bits.OnesCount8(uint8(u.Set&doxmAll)))
	if u.Set.Has(DoxmOXMSel) {
		dst = AppendUint(AppendText(dst, "oxmsel"), uint64(u.OXMSel))
	}
	if u.Set.Has(DoxmOwned) {
		dst = AppendBool(AppendText(dst, "owned"), u.Owned)
	}
	if u.Set.Has(DoxmDevice) {
		dst = appendUUID(AppendText(dst, "deviceuuid"), u.Device)
	}
	if u.Set.Has(DoxmDevOwner) {
		dst = appendUUID(AppendText(dst, "devowneruuid"), u.DevOwner)
	}
	if u.Set.Has(DoxmRowner) {
		dst = appendUUID(AppendText(dst, "rowneruuid"), u.Rowner)
	}
	return dst
}

// DecodeDoxmUpdate reads the payload of a POST to doxm as a Device does. It is
// as strict as DecodePstatUpdate: an unknown property is an error, and so are
// oxms, sct and the common properties, which no Client may write.
func DecodeDoxmUpdate(payload []byte) (DoxmUpdate, error) {
	var u DoxmUpdate
	err := readKnown(payload, []field{
		sets(wordField("oxmsel", &u.OXMSel), &u.Set, DoxmOXMSel),
		sets(boolField("owned", &u.Owned), &u.Set, DoxmOwned),
		sets(uuidField("deviceuuid", &u.Device), &u.Set, DoxmDevice),
		sets(uuidField("devowneruuid", &u.DevOwner), &u.Set, DoxmDevOwner),
		sets(uuidField("rowneruuid", &u.Rowner), &u.Set, DoxmRowner),
	}, "oxms", "sct")
	if err != nil {
		return DoxmUpdate{}, err
	}
	return u, nil
}
