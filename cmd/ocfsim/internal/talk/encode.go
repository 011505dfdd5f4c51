package talk

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
)

// maxDepth is how deep JSON on a command line may be nested.
const maxDepth = 32

// The CBOR major types of the containers.
const (
	majorArray = 4
	majorMap   = 5
)

// FromJSON turns JSON text into CBOR exactly as it is written: it keeps the order of
// members, duplicate keys and zeros, so that one can also write what a Device must
// refuse. A number without point and exponent becomes an integer.
func FromJSON(text []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	out, err := appendValue(nil, dec, 0)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("JSON payload: byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("JSON payload: byte %d: expected one value and nothing after it", dec.InputOffset())
	}
	return out, nil
}

func appendValue(dst []byte, dec *json.Decoder, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		major := byte(majorMap)
		if t == '[' {
			major = majorArray
		}
		return appendContainer(dst, major, dec, depth)
	case json.Number:
		return appendNumber(dst, t.String())
	default: // string, bool, nil
		return appendScalar(dst, t)
	}
}

// appendContainer appends the array or object whose opening delimiter was just read.
func appendContainer(dst []byte, major byte, dec *json.Decoder, depth int) ([]byte, error) {
	var body []byte
	var err error
	n := uint64(0)
	for ; dec.More(); n++ {
		if body, err = appendValue(body, dec, depth+1); err != nil {
			return nil, err
		}
		if major == majorMap {
			if body, err = appendValue(body, dec, depth+1); err != nil {
				return nil, err
			}
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return append(appendHead(dst, major, n), body...), nil
}

// appendHead appends the initial bytes of a container with n members (RFC 8949 section 3).
func appendHead(dst []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(dst, major<<5|byte(n))
	case n < 1<<8:
		return append(dst, major<<5|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, major<<5|25), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, major<<5|27), n)
	}
}

func appendNumber(dst []byte, s string) ([]byte, error) {
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, fmt.Errorf("number %s: out of range", s)
		}
		return appendScalar(dst, f)
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return appendScalar(dst, i)
	}
	u, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("number %s: out of the range of 64 bits", s)
	}
	return appendScalar(dst, u)
}

func appendScalar(dst []byte, v any) ([]byte, error) {
	b, err := cbor.Marshal(v)
	return append(dst, b...), err
}

// FromNotation turns properties of pstat in the text notation into the payload
// of a write: "tm=V", "tm=- om=4", "dos=RFPRO". It takes tm, cm, dos, p, isop,
// om, sm and rowneruuid.
func FromNotation(properties []string) ([]byte, error) {
	var u ocf.PstatUpdate
	for _, field := range strings.Fields(strings.Join(properties, " ")) {
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			return nil, fmt.Errorf("property %q: expected name=value, such as tm=V", field)
		}
		prop, err := setProperty(&u, name, value)
		if err != nil {
			return nil, fmt.Errorf("property %q: %w", field, err)
		}
		if u.Set.Has(prop) {
			return nil, fmt.Errorf("property %q: given twice", field)
		}
		u.Set |= prop
	}
	return u.AppendCBOR(nil), nil
}

func setProperty(u *ocf.PstatUpdate, name, value string) (prop ocf.Properties, err error) {
	switch name {
	case "tm":
		u.TM, err = ocf.ParseDPM(value)
		return ocf.PropTM, err
	case "cm":
		u.CM, err = ocf.ParseDPM(value)
		return ocf.PropCM, err
	case "dos":
		u.DOS, err = ocf.ParseDOS(value)
		return ocf.PropDOS, err
	case "p":
		u.P, err = parseBool(value)
		return ocf.PropP, err
	case "isop":
		u.ISOP, err = parseBool(value)
		return ocf.PropISOP, err
	case "om":
		u.OM, err = parseByte(value)
		return ocf.PropOM, err
	case "sm":
		u.SM, err = parseByte(value)
		return ocf.PropSM, err
	case "rowneruuid":
		u.Rowner, err = ocf.ParseUUID(value)
		return ocf.PropRowner, err
	}
	return 0, errors.New("unknown, expected tm, cm, dos, p, isop, om, sm or rowneruuid")
}

func parseBool(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, errors.New("expected true or false")
	}
	return s == "true", nil
}

func parseByte(s string) (uint8, error) {
	n, err := strconv.ParseUint(s, 0, 8)
	if err != nil {
		return 0, errors.New("expected a number from 0 to 255")
	}
	return uint8(n), nil
}
