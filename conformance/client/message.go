package client

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// The numbers of the options that are read (RFC 7252 section 12.2, RFC 7641 section 7,
// RFC 7959 section 6).
const (
	optionObserve       = 6
	optionUriPath       = 11
	optionContentFormat = 12
	optionMaxAge        = 14
	optionUriQuery      = 15
	optionAccept        = 17
	optionBlock1        = 27
)

// message is a CoAP message, read here and nowhere else: the virtual Device has read
// it with code that its author shares with no judge.
type message struct {
	frame         conformance.Frame
	maxAge        *uint32
	accept        *uint16
	version       *uint16 // OCF-Content-Format-Version
	acceptVersion *uint16 // OCF-Accept-Content-Format-Version
	block1        *block
}

// block is the value of a Block1 option (RFC 7959 section 2.2).
type block struct {
	num  uint32
	more bool
	size int // of a whole block, in bytes: 16 to 1024
}

// read reads a datagram. Its error says why that is no CoAP message (RFC 7252 section 3).
func read(raw []byte) (message, error) {
	var m message
	if len(raw) < 4 {
		return m, errors.New("shorter than a header")
	}
	if raw[0]>>6 != 1 {
		return m, fmt.Errorf("version %d", raw[0]>>6)
	}
	token := int(raw[0] & 15)
	if token > 8 || len(raw) < 4+token {
		return m, fmt.Errorf("a token of %d bytes", token)
	}
	m.frame = conformance.Frame{
		Type: [4]string{"CON", "NON", "ACK", "RST"}[raw[0]>>4&3], Code: codeText(raw[1]),
		MID: binary.BigEndian.Uint16(raw[2:]), Raw: append([]byte(nil), raw...),
	}
	m.frame.Token = append([]byte(nil), raw[4:4+token]...)
	return m, m.options(raw[4+token:])
}

// codeText writes a code as a Frame does.
func codeText(code byte) string {
	switch code {
	case 1:
		return conformance.MethodGET
	case 2:
		return conformance.MethodPOST
	case 3:
		return conformance.MethodPUT
	case 4:
		return "DELETE"
	}
	return fmt.Sprintf("%d.%02d", code>>5, code&31)
}

// isRequest reports whether f is a request: code 0.00 is none.
func isRequest(f *conformance.Frame) bool {
	return !strings.Contains(f.Code, ".") || strings.HasPrefix(f.Code, "0.") && f.Code != "0.00"
}

// options reads what follows the token.
func (m *message) options(rest []byte) error {
	var path, query []string
	number := 0
	for len(rest) > 0 {
		if rest[0] == 0xff {
			if len(rest) == 1 {
				return errors.New("a payload marker without a payload")
			}
			m.frame.Payload = append([]byte(nil), rest[1:]...)
			break
		}
		delta, length, left, err := optionHead(rest)
		if err != nil {
			return err
		}
		number += delta
		value := left[:length]
		rest = left[length:]
		switch number {
		case optionUriPath:
			path = append(path, string(value))
		case optionUriQuery:
			query = append(query, string(value))
		default:
			m.option(number, value)
		}
	}
	if isRequest(&m.frame) {
		m.frame.Path, m.frame.Query = "/"+strings.Join(path, "/"), strings.Join(query, "&")
	}
	return nil
}

// optionHead reads the delta and the length of the option at the start of rest, and
// returns what follows them (RFC 7252 section 3.1).
func optionHead(rest []byte) (delta, length int, left []byte, err error) {
	delta, length, left = int(rest[0]>>4), int(rest[0]&15), rest[1:]
	for _, field := range []*int{&delta, &length} {
		switch *field {
		case 13:
			if len(left) < 1 {
				return delta, length, left, errors.New("an option is cut off")
			}
			*field, left = 13+int(left[0]), left[1:]
		case 14:
			if len(left) < 2 {
				return delta, length, left, errors.New("an option is cut off")
			}
			*field, left = 269+int(binary.BigEndian.Uint16(left)), left[2:]
		case 15:
			return delta, length, left, errors.New("an option with a reserved length")
		}
	}
	if length > len(left) {
		return delta, length, left, errors.New("an option is cut off")
	}
	return delta, length, left, nil
}

// option takes an option whose value is a number. A value that is too long for one is
// passed over.
func (m *message) option(number int, value []byte) {
	n := uint32(0)
	for _, b := range value {
		n = n<<8 | uint32(b)
	}
	if len(value) > 4 {
		return
	}
	small := uint16(n)
	switch number {
	case optionObserve:
		n &= 1<<24 - 1
		m.frame.Observe = &n
	case optionContentFormat:
		m.frame.Format = &small
	case optionMaxAge:
		m.maxAge = &n
	case optionAccept:
		m.accept = &small
	case optionBlock1:
		m.block1 = &block{num: n >> 4, more: n&8 != 0, size: 16 << (n & 7)}
	case ocf.OptionFormatVersion:
		m.version = &small
	case ocf.OptionAcceptVersion:
		m.acceptVersion = &small
	}
}
