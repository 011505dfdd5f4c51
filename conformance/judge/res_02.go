package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var res02 = Requirement{
	ID: "RES-2", Edition: OCF22,
	Clause: "oic.sec.sdi, 2019-10-01, definition Sdi: uuid, name and priv",
	Says:   "/oic/sec/sdi is as its schema has it, where the Device has it",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Identity},
	Verdicts: Verdicts{
		Pass:          "a representation has all that is required, and nothing in another form",
		Fail:          "one lacks a Property or has it in another form, or /oic/res lists what is not there",
		Open:          "its owner is not shown it",
		NotApplicable: "the Device has none, and need not have it",
	},
	rule: published{"/oic/sec/sdi", ocf.RTSDI, ocf.PathSDI, func(b []byte) ([]ocf.Problem, error) {
		_, problems, err := ocf.DecodeSDI(b)
		return problems, err
	}}.asPublished,
}
