package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
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
	return conformance.HasOption(raw, func(number int, value []byte) bool {
		return !familiar(number) || number == optionAccept && !acceptsCBOR(value)
	})
}

// misunderstood is the first critical option in the datagram raw that neither CoAP nor
// OCF has; 0 for none. Whoever receives it in an answer has to reject that answer (RFC
// 7252 section 5.4.1).
func misunderstood(raw []byte) (number int) {
	conformance.HasOption(raw, func(n int, _ []byte) bool {
		number = n
		return !familiar(n)
	})
	if familiar(number) {
		return 0
	}
	return number
}

func acceptsCBOR(value []byte) bool {
	format := 0
	for _, b := range value {
		format = format<<8 | int(b)
	}
	return format == ocf.FormatOCFCBOR || format == ocf.FormatCBOR
}
