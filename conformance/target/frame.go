package target

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/conformance"
)

// maxOptions bounds the options of one datagram; a datagram with more is
// recorded as one that could not be decoded.
const maxOptions = 64

// fewOptions is as many as nearly every datagram has at most; to make room for maxOptions
// takes longer than all the rest of reading one.
const fewOptions = 8

// decode reads one datagram. The message shares raw's memory.
func decode(raw []byte) (message.Message, error) {
	m, err := decodeWith(fewOptions, raw)
	if errors.Is(err, message.ErrOptionsTooSmall) {
		return decodeWith(maxOptions, raw)
	}
	return m, err
}

// decodeWith is decode with room for so many options.
func decodeWith(room int, raw []byte) (message.Message, error) {
	m := message.Message{Options: make(message.Options, 0, room)}
	_, err := coder.DefaultCoder.Decode(raw, &m)
	return m, err
}

// frame is the recorded form of m, whose datagram was raw.
func frame(m message.Message, raw []byte) *conformance.Frame {
	raw = clone(raw)
	f := &conformance.Frame{
		Type:    typeName(m.Type),
		Code:    codeName(m.Code),
		MID:     uint16(m.MessageID),
		Token:   inside(raw, tokenAt, m.Token),
		Payload: inside(raw, len(raw)-len(m.Payload), m.Payload),
		Raw:     raw,
	}
	if n, err := m.Options.GetUint32(message.Observe); err == nil {
		f.Observe = &n
	}
	if n, err := m.Options.GetUint32(message.ContentFormat); err == nil {
		format := uint16(n)
		f.Format = &format
	}
	return f
}

// tokenAt is where the token of a message begins in its datagram (RFC 7252, 3).
const tokenAt = 4

// inside is part as it stands in raw from i on, or a copy of it where it does not: of what is
// recorded there is one copy in memory.
func inside(raw []byte, i int, part []byte) []byte {
	if end := i + len(part); i >= 0 && end <= len(raw) && bytes.Equal(raw[i:end], part) {
		return raw[i:end:end]
	}
	return clone(part)
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

// typeName is the notation of Frame.Type.
func typeName(t message.Type) string {
	switch t {
	case message.Confirmable:
		return "CON"
	case message.NonConfirmable:
		return "NON"
	case message.Acknowledgement:
		return "ACK"
	case message.Reset:
		return "RST"
	}
	return fmt.Sprintf("type %d", t)
}

// codeName is the notation of Frame.Code: a method by its name, anything else
// as class and detail.
func codeName(c codes.Code) string {
	switch c {
	case codes.GET:
		return "GET"
	case codes.POST:
		return "POST"
	case codes.PUT:
		return "PUT"
	case codes.DELETE:
		return "DELETE"
	}
	if c == codes.Content { // most are
		return conformance.CodeContent
	}
	return fmt.Sprintf("%d.%02d", uint16(c)>>5, uint16(c)&0x1f)
}

// methodCode is the inverse of codeName for methods.
func methodCode(method string) (codes.Code, error) {
	switch method {
	case "GET":
		return codes.GET, nil
	case "POST":
		return codes.POST, nil
	case "PUT":
		return codes.PUT, nil
	case "DELETE":
		return codes.DELETE, nil
	}
	return 0, fmt.Errorf("unknown method %q, expected GET, POST, PUT or DELETE", method)
}

// isRequest reports whether c is a method.
func isRequest(c codes.Code) bool { return c > codes.Empty && c < 0x20 }

// isSuccess reports whether c is of class 2.
func isSuccess(c codes.Code) bool { return c>>5 == 2 }
