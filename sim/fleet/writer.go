package fleet

import (
	"encoding/binary"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
)

// appendHeader appends the header and the token of a message to dst (RFC 7252 section 3).
func appendHeader(dst []byte, env envelope, code codes.Code) []byte {
	first := 0x40 | byte(env.typ)<<4 | byte(len(env.token))
	dst = append(dst, first, byte(code), byte(env.mid>>8), byte(env.mid))
	return append(dst, env.token...)
}

// writer appends options, whose numbers must ascend, and then a payload to a message.
type writer struct {
	data []byte
	last message.OptionID
}

// bytes appends an option with this value, which is no longer than 255 bytes.
func (w *writer) bytes(id message.OptionID, value []byte) {
	delta, extended := shortened(id - w.last)
	length, longer := shortened(message.OptionID(len(value)))
	w.data = append(w.data, delta<<4|length)
	w.data = appendRest(w.data, delta, extended)
	w.data = appendRest(w.data, length, longer)
	w.data = append(w.data, value...)
	w.last = id
}

// shortened splits a delta or a length into the four bits that come first, and what
// follows them in further bytes (RFC 7252 section 3.1).
func shortened(n message.OptionID) (bits byte, rest uint16) {
	switch {
	case n < 13:
		return byte(n), 0
	case n < 269:
		return 13, uint16(n - 13)
	}
	return 14, uint16(n - 269)
}

func appendRest(dst []byte, bits byte, rest uint16) []byte {
	switch bits {
	case 13:
		return append(dst, byte(rest))
	case 14:
		return binary.BigEndian.AppendUint16(dst, rest)
	}
	return dst
}

// uint appends an option whose value is an unsigned integer, in as few bytes as possible
// (RFC 7252 section 3.2).
func (w *writer) uint(id message.OptionID, value uint32) {
	var buf [4]byte
	n := 0
	for shift := 24; shift >= 0; shift -= 8 {
		if value>>shift != 0 {
			buf[n] = byte(value >> shift)
			n++
		}
	}
	w.bytes(id, buf[:n])
}

// payload appends the payload, if there is one, and returns the message.
func (w *writer) payload(payload []byte) []byte {
	if len(payload) > 0 {
		w.data = append(append(w.data, 0xff), payload...)
	}
	return w.data
}
