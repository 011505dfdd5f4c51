package fleet

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
)

// Errors of decode. A message of a foreign version is ignored, whatever its type.
var (
	errTooShort = errors.New("shorter than a CoAP header")
	errVersion  = errors.New("not CoAP version 1")
	errFormat   = errors.New("message format error")
)

// frame is a decoded message. Its slices point into the datagram.
type frame struct {
	typ     message.Type
	code    codes.Code
	mid     uint16
	token   []byte
	options message.Options // in the order of the datagram; lengths and numbers are unchecked
	payload []byte
}

// decode reads a datagram (RFC 7252 3). If it returns errFormat, the type and the
// message id are valid, so that a CON can be rejected. It does not check the lengths
// of options. It reads the header itself instead of using udp/coder, because
// udp/coder drops elective options of a wrong length before anybody has seen them.
func decode(data []byte, f *frame) error {
	if len(data) < 4 {
		return errTooShort
	}
	if data[0]>>6 != 1 {
		return errVersion
	}
	f.typ = message.Type(data[0] >> 4 & 3)
	f.code = codes.Code(data[1])
	f.mid = binary.BigEndian.Uint16(data[2:])
	f.token, f.payload, f.options = nil, nil, f.options[:0]
	tokenLength := int(data[0] & 15)
	rest := data[4:]
	if tokenLength > message.MaxTokenSize || len(rest) < tokenLength {
		return errFormat
	}
	if f.code == codes.Empty && len(data) > 4 {
		return errFormat
	}
	f.token, rest = rest[:tokenLength], rest[tokenLength:]
	return f.readOptions(rest)
}

// readOptions reads options and the payload (RFC 7252 3.1).
func (f *frame) readOptions(rest []byte) error {
	var id uint32
	for len(rest) > 0 && rest[0] != 0xff {
		delta, length := uint32(rest[0]>>4), uint32(rest[0]&15)
		rest = rest[1:]
		var ok bool
		if delta >= 13 {
			if delta, rest, ok = extended(delta, rest); !ok {
				return errFormat
			}
		}
		if length >= 13 {
			if length, rest, ok = extended(length, rest); !ok {
				return errFormat
			}
		}
		if id += delta; id > math.MaxUint16 || int(length) > len(rest) || len(f.options) == maxOptions {
			return errFormat
		}
		if id > 0 { // which no option has
			f.options = append(f.options, message.Option{ID: message.OptionID(id), Value: rest[:length:length]})
		}
		rest = rest[length:]
	}
	if len(rest) == 1 {
		return errFormat // a payload marker without a payload
	}
	f.payload = rest[min(1, len(rest)):]
	return nil
}

// extended reads the rest of a delta or length whose four bits are 13 or more. 15 is
// reserved.
func extended(bits uint32, rest []byte) (value uint32, after []byte, ok bool) {
	switch {
	case bits == 13 && len(rest) >= 1:
		return 13 + uint32(rest[0]), rest[1:], true
	case bits == 14 && len(rest) >= 2:
		return 269 + uint32(binary.BigEndian.Uint16(rest)), rest[2:], true
	}
	return 0, nil, false
}

// isRequest reports whether the code is a request's: class 0 and not Empty.
func (f *frame) isRequest() bool { return f.code != codes.Empty && f.code < 1<<5 }
