package fleet

import (
	"encoding/binary"
	"errors"

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
	n, err := f.options.Unmarshal(rest, nil)
	if err != nil {
		return errFormat
	}
	f.payload = rest[n:]
	return nil
}

// isRequest reports whether the code is a request's: class 0 and not Empty.
func (f *frame) isRequest() bool { return f.code != codes.Empty && f.code < 1<<5 }
