package ocf

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
	dst = appendCommon(dst, 7, iface, []string{"oic.r.doxm"}, []string{IfRW, IfBaseline})
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
		if it.major() != majorArray {
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
