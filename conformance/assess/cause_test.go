package assess

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
)

// found is a row of a report with these findings, in scenarios of their own.
func found(id string, v conformance.Verdict, got string, reasons ...string) RequirementResult {
	row := RequirementResult{ID: id, Verdict: v}
	for i, reason := range reasons {
		row.Findings = append(row.Findings, conformance.Finding{Scenario: fmt.Sprintf("%s.%d", id, i), Verdict: v, Got: got, Reason: reason})
	}
	return row
}

// TestOneCauseIsOneEntry wants findings that say the same to be one, whatever differs
// between their scenarios, and findings that say something else to be others.
func TestOneCauseIsOneEntry(t *testing.T) {
	habit := found("DPM-1", conformance.Warn, "tm=0x100 cm=V dos=RFNOP", strings.Split(strings.Repeat("the published schemas say maximum 255,", 94), ",")[:94]...)
	for _, c := range []struct {
		name string
		rows []RequirementResult
		want []string // verdict, requirements, findings in scenarios
	}{
		{"a habit", []RequirementResult{habit}, []string{"warn [DPM-1] 94 in 94"}},
		{"two requirements", []RequirementResult{
			found("DPM-8", conformance.Fail, "", "tm still had V at 6.22s, after the declared time had passed at 5.41s"),
			found("SVV-8", conformance.Fail, "", "tm still had V at 16.2s, after the declared time had passed at 15s", "tm still had V at 7s, after the declared time had passed at 5s"),
			found("SSU-8", conformance.Fail, "", "tm still had U at 7s, after the declared time had passed at 5s"),
		}, []string{"fail [DPM-8 SVV-8] 3 in 3", "fail [SSU-8] 1 in 1"}},
		{"two causes of one requirement", []RequirementResult{
			found("DPM-12", conformance.Fail, "", "cm=V was written and answered 2.04, and changed cm", "isop=true was written and answered 2.04, and changed isop", "cm=V+U was written and answered 2.04, and changed cm"),
		}, []string{"fail [DPM-12] 2 in 2", "fail [DPM-12] 1 in 1"}},
		{"of a Client without the privilege, and of one with it", []RequirementResult{
			found("DPM-11", conformance.Fail, "", "tm=V was written to an idle Device, and pstat changed"),
			found("SVV-3", conformance.Fail, "", "tm=V was written to an idle Device, and pstat changed"),
		}, []string{"fail [DPM-11] 1 in 1", "fail [SVV-3] 1 in 1"}},
		{"writes that disturbed", []RequirementResult{
			found("SVV-9", conformance.Fail, "", "after tm=0 the check never ended: tm still had V after the declared time", "after om=0x4 the check never ended: tm still had V after the declared time"),
			found("DPM-12", conformance.Fail, "", "tm=V, sm=0x1 was written and answered 2.04, and changed tm", "isop=true, tm=U was written and answered 2.04, and changed tm"),
		}, []string{"fail [SVV-9] 2 in 2", "fail [DPM-12] 2 in 2"}},
		{"as bad or not", []RequirementResult{
			found("SVV-13", conformance.Warn, "", "tm lost V when a Client wrote V=0"),
			found("SSU-9", conformance.Fail, "", "tm lost V when a Client wrote V=0"),
		}, []string{"warn [SVV-13] 1 in 1", "fail [SSU-9] 1 in 1"}},
		{"Clients", []RequirementResult{
			found("OBS-5", conformance.Fail, "", "Client unprivileged without ACE has no permission and may observe", "Client unprivileged has no permission and may observe"),
		}, []string{"fail [OBS-5] 2 in 2"}},
		{"for no finding", []RequirementResult{
			{ID: "SVV-6", Verdict: conformance.Inconclusive, Reason: "never exercised"},
			{ID: "SVV-7", Verdict: conformance.Inconclusive, Reason: "never exercised"},
			{ID: "SVV-4", Verdict: conformance.Inconclusive, Reason: "scenario source.a-check speaks of it, but its Timeline holds nothing to judge it by"},
			{ID: "SVV-5", Verdict: conformance.Inconclusive, Reason: "scenario zero-write.clearing speaks of it, but its Timeline holds nothing to judge it by"},
			{ID: "SVV-8", Verdict: conformance.Pass},
			{ID: "SVV-3", Verdict: conformance.NotApplicable, Reason: "unsecured"},
		}, []string{"inconclusive [SVV-6 SVV-7] 0 in 0", "inconclusive [SVV-4 SVV-5] 0 in 0"}},
	} {
		var got []string
		for _, cause := range Causes(Report{Edition: "ocf-1.0", Requirements: c.rows}) {
			got = append(got, fmt.Sprintf("%s %v %d in %d", cause.Verdict, cause.Requirements, cause.Findings, cause.Scenarios))
			if cause.Findings > 0 && (cause.Scenario != cause.Requirements[0]+".0" && c.name != "two causes of one requirement" || cause.Says == "") {
				t.Errorf("%s: %+v", c.name, cause)
			}
		}
		if strings.Join(got, "; ") != strings.Join(c.want, "; ") {
			t.Errorf("%s:\ngot  %v\nwant %v", c.name, got, c.want)
		}
	}
}

// TestWhatBreaksNoRuleIsACauseToo wants an expectation that was not met to be told though
// every requirement passed: the run did not.
func TestWhatBreaksNoRuleIsACauseToo(t *testing.T) {
	unmet := func(id, state string) ScenarioResult {
		return ScenarioResult{ID: id, Verdict: conformance.Inconclusive, Checks: []conformance.Finding{
			{Verdict: conformance.Inconclusive, Reason: "privileged saw tm=V cm=" + state + ", which must never be seen here (seen: tm=V cm=" + state + ", nothing)" + noRule},
			{Verdict: conformance.Inconclusive, Reason: "no state was seen"},
		}}
	}
	all := Causes(Report{Scenarios: []ScenarioResult{unmet("a", "V"), unmet("b", "U")}})
	if len(all) != 1 || all[0].Findings != 2 || all[0].Scenarios != 2 || all[0].Scenario != "a" || len(all[0].Requirements) != 0 {
		t.Errorf("%+v", all)
	}
}

// TestALaterEditionIsMentioned wants it said where a bit is part of a cause that this
// edition does not define: later ones may.
func TestALaterEditionIsMentioned(t *testing.T) {
	for _, c := range []struct{ got, reason, want string }{
		{"tm=0x100 cm=V dos=RFNOP", "", "the bit 256 (0x100) is not defined by ocf-1.0; editions from OCF 2.0.3 on define it"},
		{"tm=V cm=V+0x100 dos=RFNOP", "", "the bit 256 (0x100)"},
		{"", "tm=0x100 was written to an idle Device, and pstat changed", "the bit 256 (0x100)"},
		{"tm=0x100 cm=0x400 dos=RFNOP", "", "the bits 0x500 are not defined by ocf-1.0; of them editions from OCF 2.0.3 on define 256"},
		{"tm=0x200 cm=- dos=RFNOP", "", "the bits 0x200 are not defined by ocf-1.0, nor by a later edition that is known here"},
		{"tm=V+U cm=0x1 dos=RFNOP", "tm=0x3c was written", ""},
		{"version 256", "om=0x100", ""},
	} {
		got := laterEdition(conformance.Finding{Got: c.got, Reason: c.reason}, "ocf-1.0")
		if !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s %s: %q, want %q", c.got, c.reason, got, c.want)
		}
	}
}

// TestWhatACauseIsMadeOf: the findings that are as bad as the verdict of their requirement,
// each scenario once.
func TestWhatACauseIsMadeOf(t *testing.T) {
	row := found("SVV-6", conformance.Fail, "tm=0x100 cm=- dos=RFNOP", "cm lacks V", "cm lacks V", "")
	row.Findings[1].Scenario = row.Findings[0].Scenario
	row.Findings = append(row.Findings, conformance.Finding{Scenario: "x", Verdict: conformance.Pass, Reason: "cm has V"})
	open := RequirementResult{ID: "SVV-7", Verdict: conformance.Inconclusive, Reason: "cm lacks V"}
	also := RequirementResult{ID: "SVV-8", Verdict: conformance.Warn, Reason: "cm lacks V"}
	none := RequirementResult{ID: "SVV-9", Reason: "cm lacks V"}
	all := Causes(Report{Edition: "ocf-1.0", Requirements: []RequirementResult{row, open, also, none}})
	bit := laterEdition(row.Findings[0], "ocf-1.0")
	want := []Cause{
		{Says: "cm lacks V", Verdict: conformance.Fail, Requirements: []string{"SVV-6"}, Findings: 2, Scenarios: 1, Scenario: "SVV-6.0", Edition: bit},
		{Says: "tm=… cm=… dos=…", Verdict: conformance.Fail, Requirements: []string{"SVV-6"}, Findings: 1, Scenarios: 1, Scenario: "SVV-6.2", Edition: bit},
		{Says: "cm lacks V", Verdict: conformance.Inconclusive, Requirements: []string{"SVV-7"}},
		{Says: "cm lacks V", Verdict: conformance.Warn, Requirements: []string{"SVV-8"}},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		f    conformance.Finding
		want bool
	}{
		{row.Findings[0], true},
		{row.Findings[2], false},
		{conformance.Finding{Verdict: conformance.Warn, Reason: "cm lacks V"}, false},
		{conformance.Finding{Verdict: conformance.Pass, Reason: "cm has V"}, false},
	} {
		if got := all[0].Explains(c.f); got != c.want {
			t.Errorf("it explains %+v: %v", c.f, got)
		}
	}
}

// TestScenariosOfACauseAreCountedOnce, however many of their expectations were not met.
func TestScenariosOfACauseAreCountedOnce(t *testing.T) {
	check := conformance.Finding{Verdict: conformance.Inconclusive, Got: "tm=0x100", Reason: "it was tm=0x100" + noRule}
	met := conformance.Finding{Verdict: conformance.Pass, Reason: "it was tm=V"}
	all := Causes(Report{Edition: "ocf-1.0", Scenarios: []ScenarioResult{{ID: "a", Checks: []conformance.Finding{met, check, check, check}}, {ID: "b", Checks: []conformance.Finding{check}}}})
	want := []Cause{{Says: "it was tm=…" + noRule, Verdict: conformance.Inconclusive, Requirements: []string{}, Findings: 4, Scenarios: 2, Scenario: "a", Edition: laterEdition(check, "ocf-1.0")}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
}

// TestHighBits are those above the low byte, of tm and of cm.
func TestHighBits(t *testing.T) {
	for text, want := range map[string]uint64{
		"tm=0x100": 0x100, "cm=V+0x300": 0x300, "tm=0x1ff": 0x100, "tm=0xff00 cm=0x1": 0xff00, "tm=0x1 cm=0x2": 0,
		"tm=0x8000": 0x8000, "tm=0x10000": 0xff00, "tm=100": 0, "tm=256+V": 0, "dos=0x100": 0, "tm=0xVU": 0,
	} {
		if got := highBits(text); got != want {
			t.Errorf("%s: %#x, want %#x", text, got, want)
		}
	}
}
