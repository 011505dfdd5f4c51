package judge

import (
	"github.com/ocfsim/ocfsim/ocf"
)

// The options of a request that decide whether a Device has to take it (RFC
// 7252 section 5.10), besides those of OCF.
const optionAccept = 17

// familiar reports whether a Device has to understand the option of this
// number: elective ones it passes over, and these critical ones CoAP, its
// blocks, and OCF have.
func familiar(number int) bool {
	switch number {
	case 1, 3, 5, 7, 11, 15, optionAccept, 23, 27, 35, 39, ocf.OptionAcceptVersion, ocf.OptionFormatVersion:
		return true
	}
	return number%2 == 0
}

// demanding reports whether the datagram raw asks for what a Device need not
// give: an answer in another format than CBOR, or an option understood that
// neither CoAP nor OCF has. What can't be read demands nothing.
func demanding(raw []byte) bool {
	return hasOption(raw, func(number int, value []byte) bool {
		return !familiar(number) || number == optionAccept && !acceptsCBOR(value)
	})
}

// misunderstood is the first critical option in the datagram raw that neither CoAP nor
// OCF has; 0 for none. Whoever receives it in an answer has to reject that answer (RFC
// 7252 section 5.4.1).
func misunderstood(raw []byte) (number int) {
	hasOption(raw, func(n int, _ []byte) bool {
		number = n
		return !familiar(n)
	})
	if familiar(number) {
		return 0
	}
	return number
}

// hasOption reports whether is holds for an option of the datagram raw. What can't be
// read has none.
func hasOption(raw []byte, is func(number int, value []byte) bool) bool {
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

func acceptsCBOR(value []byte) bool {
	format := 0
	for _, b := range value {
		format = format<<8 | int(b)
	}
	return format == ocf.FormatOCFCBOR || format == ocf.FormatCBOR
}
