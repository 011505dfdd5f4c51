//go:build linux

package main

import "encoding/binary"

// What a datagram of CoAP begins with: version 1, a type, and a token of 4 bytes; then a
// code (RFC 7252 section 3).
const (
	conHead = 0x44 // a confirmable message
	nonHead = 0x54 // one that is not

	get     = 0x01
	post    = 0x02
	put     = 0x03
	content = 0x45
)

// The types of messages, as bits 4 and 5 of the first byte have them.
const (
	typeCON = iota
	typeNON
	typeACK
	typeRST
)

// The options of a request for /oic/sec/pstat: Uri-Path, and before it Observe.
var (
	pstatPath    = []byte("\xb3oic\x03sec\x05pstat")
	observePstat = []byte("\x60\x53oic\x03sec\x05pstat")
	resPath      = []byte("\xb3oic\x03res")
)

// formatOCF is Content-Format application/vnd.ocf+cbor after Uri-Path.
var formatOCF = []byte("\x12\x27\x10")

// setTM returns the options and the payload of a POST that writes tm.
func setTM(tm byte) []byte {
	out := append([]byte{}, pstatPath...)
	out = append(out, formatOCF...)
	return append(out, 0xff, 0xa1, 0x62, 't', 'm', 0x18, tm)
}

// datagram writes a request to buf. Its token is of 4 bytes, so that an answer is
// recognised by it alone.
func datagram(buf []byte, head, code byte, mid uint16, token uint32, rest []byte) []byte {
	buf = append(buf[:0], head, code, byte(mid>>8), byte(mid))
	buf = binary.BigEndian.AppendUint32(buf, token)
	return append(buf, rest...)
}

// typeOf is the type of a message, and -1 if it is too short to be one.
func typeOf(data []byte) int {
	if len(data) < 4 {
		return -1
	}
	return int(data[0] >> 4 & 3)
}

// tokenOf is the token of a message if it has one of 4 bytes.
func tokenOf(data []byte) (token uint32, ok bool) {
	if len(data) < 8 || data[0]&0xf != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(data[4:]), true
}

// payloadOf is what follows the options of a message.
func payloadOf(data []byte) []byte {
	if len(data) < 4 {
		return nil
	}
	rest := data[min(4+int(data[0]&0xf), len(data)):]
	for len(rest) > 0 && rest[0] != 0xff {
		_, size, head := optionAt(rest)
		rest = rest[min(head+size, len(rest)):]
	}
	if len(rest) == 0 {
		return nil
	}
	return rest[1:]
}

// observed reports whether a message has the option Observe, which is the first that a
// notification can have besides ETag.
func observed(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	number := 0
	rest := data[min(4+int(data[0]&0xf), len(data)):]
	for len(rest) > 0 && rest[0] != 0xff && number < 6 {
		delta, size, head := optionAt(rest)
		number += delta
		rest = rest[min(head+size, len(rest)):]
	}
	return number == 6
}

// optionAt reads the head of an option: how far its number is from that of the one before,
// the size of its value, and that of the head itself, both in bytes.
func optionAt(b []byte) (delta, size, head int) {
	head = 1
	extended := func(v int) int {
		switch {
		case v == 13 && len(b) > head:
			v = 13 + int(b[head])
			head++
		case v == 14 && len(b) > head+1:
			v = 269 + int(binary.BigEndian.Uint16(b[head:]))
			head += 2
		}
		return v
	}
	delta = extended(int(b[0] >> 4))
	size = extended(int(b[0] & 0xf))
	return delta, size, head
}
