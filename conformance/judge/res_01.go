package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var res01 = Requirement{
	ID: "RES-1", Edition: OCF22,
	Clause: "oic.sec.sp, 2019-02-08, definition SP: supportedprofiles and currentprofile",
	Says:   "/oic/sec/sp is as its schema has it",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Identity},
	Verdicts: Verdicts{
		Pass: "a representation has all that is required, and nothing in another form",
		Fail: "one lacks a Property or has it in another form, or /oic/res lists what is not there",
		Open: "its owner is not shown it",
		Note: "warn: the Device has none. That every Device has to have it is not verified",
	},
	rule: published{"/oic/sec/sp", ocf.RTSP, ocf.PathSP, func(b []byte) ([]ocf.Problem, error) {
		_, problems, err := ocf.DecodeSP(b)
		return problems, err
	}}.asPublished,
}
