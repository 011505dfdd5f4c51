package reports

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Brief returns rep without what passed: findings that are good, and scenarios that are
// good and that no other finding names. Each requirement keeps its verdict, so the summary
// of several targets, their index and what did not pass are the same of both. It is for a
// program that runs many targets and has written the whole; it does not change rep.
func Brief(rep assess.Report) assess.Report {
	rep = complete(rep)
	named := map[string]bool{}
	for i := range rep.Requirements {
		r := &rep.Requirements[i]
		r.Findings = bads(r.Findings)
		for _, f := range r.Findings {
			named[f.Scenario] = true
		}
	}
	rep.Scenarios = slices.DeleteFunc(rep.Scenarios, func(s assess.ScenarioResult) bool {
		return good(s.Verdict) && !named[s.ID] && len(bads(s.Checks)) == 0
	})
	rep.Scenarios = slices.Clip(slices.Clone(rep.Scenarios))
	for i := range rep.Scenarios {
		rep.Scenarios[i].Checks = bads(rep.Scenarios[i].Checks)
	}
	return rep
}

// bads are the findings that are not good, in a slice of their own.
func bads(fs []conformance.Finding) []conformance.Finding {
	var out []conformance.Finding
	for _, f := range fs {
		if !good(f.Verdict) {
			out = append(out, f)
		}
	}
	return out
}
