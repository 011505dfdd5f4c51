package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestMayChangeIdentity wants another di to be expected after what makes a Device a new
// one, or may have, and after nothing else.
func TestMayChangeIdentity(t *testing.T) {
	for script, want := range map[string]bool{
		"asked factory-reset":               true,
		"asked autonomous-update":           true,
		"factory-reset":                     true,
		"asked reboot":                      false,
		"autonomous-validation":             false,
		"hold":                              false,
		"post tm=U 4.00":                    true, // whatever the Device says
		"post tm=V+U lost":                  true,
		"post tm=V 2.04":                    false,
		"post tm=- 2.04":                    false,
		"post dos=RFPRO 4.00":               true,
		"post hex:a163646f7301 2.04":        true, // dos=1
		"post cm=U 2.04":                    false,
		"post hex:10 2.04":                  true, // no map: nobody knows what the Device made of it
		"plan action=isac 2.04":             true, // another resource
		"get tm=- cm=- dos=RFNOP":           false,
		"get tm=U cm=- dos=RFNOP":           true,
		"get tm=V cm=U dos=RFNOP":           false,
		"get tm=- cm=- dos=RFPRO":           false,
		"get tm=- cm=- dos=SRESET":          false,
		"get tm=- cm=- dos=RESET":           true,
		"get tm=- cm=- dos=RFOTM":           true,
		"get 4.01":                          false,
		"version 1.0.1":                     false,
		"source fetches=1 served=1":         false,
		"observe tm=- cm=- dos=RFNOP":       false,
		"notify 11 tm=U cm=- dos=RFNOP":     true,
		"unprivileged: post dos=RESET 4.01": true,
	} {
		tl := play(t, script)
		if got := mayChange(tl.Observations...); got != want {
			t.Errorf("%s: %v, want %v", script, got, want)
		}
	}
	impossible := play(t, "lacks factory-reset").Observations
	if !mayChange(impossible[0]) || mayChange(impossible...) {
		t.Error("a reset may have been made while it was asked for, and was not where it can't be had")
	}
	for _, o := range []conformance.Observation{{Kind: conformance.Waiting, Name: conformance.FactoryReset}, {Kind: conformance.Request}} {
		if mayChange(o) {
			t.Errorf("%s with nothing in it", o.Kind)
		}
	}
	lost := play(t, "post tm=U lost").Observations[0]
	lost.Kind = conformance.Message
	if mayChange(lost) {
		t.Error("a datagram that is the copy of a request, which counts already")
	}
}

// mayChange reports whether any entry of a Timeline may change di.
func mayChange(all ...conformance.Observation) bool {
	tl := conformance.Timeline{Observations: all}
	for n := range all {
		if MayChangeIdentity(tl, n) {
			return true
		}
	}
	return false
}
