package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var res04 = Requirement{
	ID: "RES-4", Edition: OCF22,
	Clause: "oic.wk.introspection, 2019-03-04, definition oic.wk.introspectionInfo: urlInfo, each with url and protocol",
	Says:   "the introspection resource says where the Device is described",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Verdicts: Verdicts{
		Pass: "urlInfo has at least one url, with one of the protocols of the schema",
		Fail: "urlInfo is missing, empty or has an entry in another form, or /oic/res lists what is not there",
		Open: "the privileged Client is not shown it",
		Note: "warn: /oic/res lists none. That every Device has to have it is not verified",
	},
	rule: published{"oic.wk.introspection", ocf.RTIntrospection, "", func(b []byte) ([]ocf.Problem, error) {
		_, problems, err := ocf.DecodeIntrospection(b)
		return problems, err
	}}.asPublished,
}
