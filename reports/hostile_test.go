package reports

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf"
)

// nasty is text that no Device should send.
const nasty = "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`--><svg onload=alert(3)>" +
	"\x1b[31m\x00\u202e{{.}} ]]> \xff"

// hostile is a run in which every string is nasty, if a Device or a file could make
// it so.
func hostile() (assess.Report, Timelines) {
	sc := newScene(nasty, nasty, nasty)
	sc.step(nasty).observe(nasty).condition(nasty).post(nasty, append([]byte{0xa1, 0x78, byte(len(nasty))}, nasty+"\x01"...), nasty)
	sc.moves(ocf.SVV, 0, 9, nasty).get(nasty).waited(nasty, nasty)
	sc.add(conformance.Observation{Kind: conformance.Note, Text: nasty})
	sc.add(conformance.Observation{Kind: nasty, Text: nasty, Client: nasty, Name: nasty, Outcome: nasty})
	sc.add(conformance.Observation{Kind: conformance.Source, Source: &conformance.SourceReport{Version: nasty}})
	sc.tl.Expectations = []conformance.Expectation{{
		Text: nasty, Form: nasty, Client: nasty, Rows: []conformance.Row{{TM: nasty, CM: nasty, DOS: nasty}},
	}}
	f := conformance.Finding{Scenario: nasty, Verdict: conformance.Fail, Want: nasty, Got: nasty, Reason: nasty, Witness: 2}
	rep := assess.Report{
		Tool: assess.Tool{Name: nasty, Version: nasty, Commit: nasty}, Document: nasty, Edition: nasty, Started: begun(), Reason: nasty,
		Target: assess.TargetName{Name: nasty, Endpoint: "javascript:alert(4)", DI: nasty, Vendor: nasty, Product: nasty, Version: nasty, Contact: nasty},
		Bench: &assess.Bench{
			Hook: &assess.Hook{Kind: nasty, Name: nasty, Files: []assess.HookFile{{Name: nasty, SHA256: nasty}}},
			Host: assess.Host{OS: nasty, Arch: nasty},
		},
		Declared:     &assess.Declared{Update: assess.DeclaredUpdate{DOS: []string{nasty}, Version: nasty}, Always: []string{nasty}},
		Verdict:      conformance.Error,
		Requirements: []assess.RequirementResult{{ID: nasty, Level: nasty, Source: &assess.Source{Lines: nasty, Section: nasty, Table: nasty}, Verdict: conformance.Fail, Reason: nasty, Findings: []conformance.Finding{f}}},
		Scenarios: []assess.ScenarioResult{
			{
				ID: nasty, Name: nasty, Feature: nasty, Tags: []string{nasty}, Verdict: conformance.Fail, Reason: nasty,
				Requirements: []string{nasty, "SVV-1"}, Timeline: "javascript:alert(5)", Checks: []conformance.Finding{f},
			},
			{ID: nasty + "2", Verdict: "<b>", Timeline: "../../" + nasty},
			{ID: nasty, Name: nasty, Feature: nasty, Verdict: conformance.Pass},
		},
	}
	return rep, func(string) (conformance.Timeline, error) { return sc.tl, nil }
}
