package judge

import (
	"fmt"

	"github.com/ocfsim/ocfsim/ocf"
)

const (
	cborFalse = 20
	cborTrue  = 21
	maxDepth  = 8
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
	return ocf.DPM(v.arg & 0xffff), v.major == ocf.MajorUint && v.arg <= 0xffff
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
	case ocf.MajorUint:
		if m, ok := v.mode(); ok && m != 0 {
			return m.String()
		}
		return fmt.Sprintf("%d", v.arg)
	case ocf.MajorNegative:
		return fmt.Sprintf("-%d", v.arg+1)
	case ocf.MajorBytes:
		return "a byte string"
	case ocf.MajorText:
		return fmt.Sprintf("%q", v.text)
	case ocf.MajorArray:
		return "an array"
	case ocf.MajorMap:
		return "a map"
	case ocf.MajorTag:
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
	return v, ok && v.major == ocf.MajorMap
}

// readValue reads one item and returns what follows it.
func readValue(b []byte, depth int) (v value, rest []byte, ok bool) {
	if len(b) == 0 || depth > maxDepth {
		return v, nil, false
	}
	h, b, err := ocf.ReadHead(b)
	endless := h.Info == ocf.Indefinite
	if err != nil || endless && (h.Major < ocf.MajorBytes || h.Major > ocf.MajorMap) {
		return v, nil, false
	}
	v.major, v.arg = h.Major, h.Arg
	switch v.major {
	case ocf.MajorBytes, ocf.MajorText:
		return readString(v, b, endless, depth)
	case ocf.MajorArray:
		return readItems(v, b, endless, depth)
	case ocf.MajorMap:
		return readFields(v, b, endless, depth)
	case ocf.MajorTag:
		_, b, ok = readValue(b, depth+1)
		return v, b, ok
	}
	return v, b, true
}

func readString(v value, b []byte, endless bool, depth int) (value, []byte, bool) {
	if !endless {
		if v.arg > uint64(len(b)) {
			return v, nil, false
		}
		v.text = string(b[:v.arg])
		return v, b[v.arg:], true
	}
	for len(b) > 0 && b[0] != ocf.Break {
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
		if endless && len(b) > 0 && b[0] == ocf.Break {
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
		if endless && len(b) > 0 && b[0] == ocf.Break {
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
		if key.major == ocf.MajorText {
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

const missing = "missing" // as ocf.Problem.Got says it
