package ocf

// DecodePstat reads a representation of pstat as a Client sees it. It is
// tolerant: what has the wrong type is reported as a Problem and left out of
// Present. err is set where the payload is no CBOR map at all.
func DecodePstat(payload []byte) (Pstat, []Problem, error) {
	panic("not yet")
}

// DecodePstatUpdate reads the payload of a POST to pstat as a Device does. It
// is strict: an unknown property, a wrong type, a value out of range, a
// duplicate key, nesting or size beyond bounds is an error that names it, and
// then nothing of the update may be applied.
func DecodePstatUpdate(payload []byte) (PstatUpdate, error) {
	panic("not yet")
}

// AppendCBOR appends p's representation to dst, every property with an
// explicit value, also zero and false.
func (p Pstat) AppendCBOR(dst []byte, iface Interface) []byte { panic("not yet") }

// AppendCBOR appends the update's CBOR map to dst; it carries the properties
// of Set and no others, zero values included.
func (u PstatUpdate) AppendCBOR(dst []byte) []byte { panic("not yet") }
