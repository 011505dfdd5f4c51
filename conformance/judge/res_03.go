package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var res03 = Requirement{
	ID: "RES-3", Edition: OCF22,
	Clause: "oic.sec.ael, 2019-10-03, definitions Ael and Aee: events, usedspace, maxspace, categoryfilter and priorityfilter, and what an event is",
	Says:   "the list of auditable events is as its schema has it, where the Device has one",
	Level:  Derived, Severity: conformance.Fail, Actor: Device,
	Needs: Needs{Target: Identity},
	Verdicts: Verdicts{
		Pass:          "a representation has all that is required, and nothing in another form",
		Fail:          "it or one of its events lacks a Property or has it in another form, or /oic/res lists what is not there",
		Open:          "its owner is not shown it",
		NotApplicable: "the Device has none, and need not have it",
	},
	rule: published{"/oic/sec/ael", ocf.RTAEL, "", func(b []byte) ([]ocf.Problem, error) {
		_, problems, err := ocf.DecodeAEL(b)
		return problems, err
	}}.asPublished,
}
