package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// state is a pattern in the notation of samples, for Want.
func state(tm, cm string) string { return conformance.Row{TM: tm, CM: cm}.String() }

// pattern is a cell for cm.b alone: the other bit may be either.
func pattern(bit ocf.DPM, set bool) string {
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
