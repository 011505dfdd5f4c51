package conformance

import (
	"encoding/binary"
	"fmt"

	"github.com/ocfsim/ocfsim/ocf"
)

// The major types of CBOR that a payload is looked at for.
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborText
	cborArray
	cborMap
	cborTag
	cborSimple
)

const (
	cborIndefinite = 31
	cborFalse      = 20
	cborTrue       = 21
	maxDepth       = 8
)

// value is one item of a request's payload: what the harness itself sent, and
// therefore may be anything but valid.
type value struct {
	major  byte
	arg    uint64 // the number, the length, or the simple value
	text   string
	fields []field // of a map with text keys
}

// field is one pair of a map.
type field struct {
	name  string
	value value
}

// mode is v as a dpmtype; ok is false where v is no unsigned integer up to 65535.
func (v value) mode() (m ocf.DPM, ok bool) {
	return ocf.DPM(v.arg & 0xffff), v.major == cborUint && v.arg <= 0xffff
}

// field finds a pair of v; count is how often the name stands there.
func (v value) field(name string) (found value, count int) {
	for _, f := range v.fields {
		if f.name == name {
			found = f.value
			count++
		}
	}
	return found, count
}

// String names v for a reader: what was sent, short.
func (v value) String() string {
	switch v.major {
	case cborUint:
		if m, ok := v.mode(); ok && m != 0 {
			return m.String()
		}
		return fmt.Sprintf("%d", v.arg)
	case cborNegative:
		return fmt.Sprintf("-%d", v.arg+1)
	case cborBytes:
		return "a byte string"
	case cborText:
		return fmt.Sprintf("%q", v.text)
	case cborArray:
		return "an array"
	case cborMap:
		return "a map"
	case cborTag:
		return "a tagged item"
	}
	switch v.arg {
	case cborFalse:
		return "false"
	case cborTrue:
		return "true"
	case 22:
		return "null"
	}
	return "a float or simple value"
}

// readPayload reads the map that a POST carried; ok is false where it is none.
func readPayload(b []byte) (v value, ok bool) {
	v, _, ok = readValue(b, 0)
	return v, ok && v.major == cborMap
}

// readValue reads one item and returns what follows it.
func readValue(b []byte, depth int) (v value, rest []byte, ok bool) {
	if len(b) == 0 || depth > maxDepth {
		return v, nil, false
	}
	v.major = b[0] >> 5
	info := b[0] & 31
	b = b[1:]
	endless := info == cborIndefinite && v.major >= cborBytes && v.major <= cborMap
	if !endless {
		if v.arg, b, ok = readArg(info, b); !ok {
			return v, nil, false
		}
	}
	switch v.major {
	case cborBytes, cborText:
		return readString(v, b, endless, depth)
	case cborArray:
		return readItems(v, b, endless, depth)
	case cborMap:
		return readFields(v, b, endless, depth)
	case cborTag:
		_, b, ok = readValue(b, depth+1)
		return v, b, ok
	}
	return v, b, true
}

// readArg reads the argument of an item's head.
func readArg(info byte, b []byte) (arg uint64, rest []byte, ok bool) {
	if info < 24 {
		return uint64(info), b, true
	}
	size := 1 << (info - 24)
	if info > 27 || len(b) < size {
		return 0, nil, false
	}
	var wide [8]byte
	copy(wide[8-size:], b[:size])
	return binary.BigEndian.Uint64(wide[:]), b[size:], true
}

func readString(v value, b []byte, endless bool, depth int) (value, []byte, bool) {
	if !endless {
		if v.arg > uint64(len(b)) {
			return v, nil, false
		}
		v.text = string(b[:v.arg])
		return v, b[v.arg:], true
	}
	for len(b) > 0 && b[0] != 0xff {
		part, rest, ok := readValue(b, depth+1)
		if !ok || part.major != v.major {
			return v, nil, false
		}
		v.text += part.text
		b = rest
	}
	return v, skipBreak(b), len(b) > 0
}

func readItems(v value, b []byte, endless bool, depth int) (value, []byte, bool) {
	for i := uint64(0); endless || i < v.arg; i++ {
		if endless && len(b) > 0 && b[0] == 0xff {
			return v, b[1:], true
		}
		var ok bool
		if _, b, ok = readValue(b, depth+1); !ok {
			return v, nil, false
		}
	}
	return v, b, true
}

func readFields(v value, b []byte, endless bool, depth int) (value, []byte, bool) {
	for i := uint64(0); endless || i < v.arg; i++ {
		if endless && len(b) > 0 && b[0] == 0xff {
			return v, b[1:], true
		}
		key, rest, ok := readValue(b, depth+1)
		if !ok {
			return v, nil, false
		}
		item, rest, ok := readValue(rest, depth+1)
		if !ok {
			return v, nil, false
		}
		b = rest
		if key.major == cborText {
			v.fields = append(v.fields, field{key.text, item})
		}
	}
	return v, b, true
}

func skipBreak(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b[1:]
}
