package conformance

// HasOption reports whether is holds for an option of the datagram raw, a CoAP message
// (RFC 7252 section 3.1). It asks in the order of the wire, until is holds. What can't be
// read has no options.
func HasOption(raw []byte, is func(number int, value []byte) bool) bool {
	if len(raw) < 4 {
		return false
	}
	rest, number := raw[4:], 0
	rest = rest[min(int(raw[0]&0xf), len(rest)):] // the token
	for len(rest) > 0 && rest[0] != 0xff {
		head := rest[0]
		delta, after, ok := optionNumber(head>>4, rest[1:])
		if !ok {
			return false
		}
		length, after, ok := optionNumber(head&0xf, after)
		if !ok || length > len(after) {
			return false
		}
		number += delta
		if is(number, after[:length]) {
			return true
		}
		rest = after[length:]
	}
	return false
}

// optionNumber is the delta or length that nibble, and the bytes behind it, say.
func optionNumber(nibble byte, rest []byte) (n int, after []byte, ok bool) {
	switch {
	case nibble < 13:
		return int(nibble), rest, true
	case nibble == 13 && len(rest) >= 1:
		return int(rest[0]) + 13, rest[1:], true
	case nibble == 14 && len(rest) >= 2:
		return int(rest[0])<<8 + int(rest[1]) + 269, rest[2:], true
	}
	return 0, nil, false
}
