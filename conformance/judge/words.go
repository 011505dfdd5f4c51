package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// pattern says what tm and cm have to be, in the notation of samples, for Want.
func pattern(tm, cm string) string { return conformance.Row{TM: tm, CM: cm}.String() }

// cell is what a pattern says of cm where bit alone matters: the other one may
// be either.
func cell(bit ocf.DPM, set bool) string {
	other := (ocf.SVV | ocf.SSU).Without(bit).String() + "?"
	if bit == ocf.NSA {
		other = "V?+U?+0x100?"
	}
	if set {
		return bit.String() + "+" + other
	}
	return other
}

// process names what bit requests.
func process(bit ocf.DPM) string {
	switch bit {
	case ocf.SSU:
		return "update"
	case ocf.NSA:
		return "availability check"
	}
	return "check"
}

func family(bit ocf.DPM) string {
	switch bit {
	case ocf.SSU:
		return "SSU"
	case ocf.NSA:
		return "NSA"
	}
	return "SVV"
}

// offered says in words what the truth of an update was.
func offered(result bool) string {
	if result {
		return "an update was on offer"
	}
	return "no update was to be had"
}
