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
	other := ocf.SVV | ocf.SSU
	other = other.Without(bit)
	if set {
		return bit.String() + "+" + other.String() + "?"
	}
	return other.String() + "?"
}

// process names what bit requests.
func process(bit ocf.DPM) string {
	if bit == ocf.SSU {
		return "update"
	}
	return "check"
}

func family(bit ocf.DPM) string {
	if bit == ocf.SSU {
		return "SSU"
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
