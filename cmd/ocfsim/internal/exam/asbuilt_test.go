package exam_test

import (
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/waiver"
	"github.com/ocfsim/ocfsim/fixtures"
)

// asBuilt is the stack that there is a deviant Device and a list of waivers of.
const asBuilt = "iotivity-lite-asbuilt"

// builtLike runs scenarios against a secured Device that is built like the stack, and in
// more points deviant, with the stack's waivers.
func builtLike(t *testing.T, scenarios []steps.Scenario, partial bool, quirks ...string) assess.Report {
	t.Helper()
	return builtBy(t, edition.OCF10, asBuilt, scenarios, partial, quirks...)
}

// builtBy is builtLike by an edition, with a list of waivers.
func builtBy(t *testing.T, id, list string, scenarios []steps.Scenario, partial bool, quirks ...string) assess.Report {
	t.Helper()
	data, ok := fixtures.WaiverFile(list)
	if !ok {
		t.Fatal("no waivers")
	}
	waivers, err := waiver.Parse(list, data)
	if err != nil {
		t.Fatal(err)
	}
	d, err := fixtures.Deviation(asBuilt)
	if err != nil {
		t.Fatal(err)
	}
	d.Quirks = append(slices.Clone(d.Quirks), quirks...)
	specimen, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	if id != edition.OCF10 {
		specimen.Edition = id
	}
	var report assess.Report
	outcomes, err := exam.Run(t.Context(), exam.Config{
		Edition:    id,
		Candidates: []exam.Candidate{{Kind: exam.Deviant, Name: d.Name, Secured: true, Specimen: specimen}},
		Selection:  suite.Selection{Scenarios: scenarios, Partial: partial}, Waivers: waivers,
		Look: func(_ exam.Candidate, r suite.Result) { report = r.Report },
	})
	if err != nil || outcomes[0].Err != nil {
		t.Fatal(err, outcomes[0].Err)
	}
	return report
}

// TestAsBuilt has a run of a Device that is built like the stack end well: each of its
// departures is waived, each waiver is of use, and all else is kept.
func TestAsBuilt(t *testing.T) {
	report := builtLike(t, scenarios(t), false)
	if report.ExitCode() != 0 {
		t.Errorf("%s: %s", report.Verdict, report.Reason)
	}
	for _, q := range report.Requirements {
		switch q.Verdict {
		case conformance.Fail, conformance.Inconclusive, conformance.Error:
			t.Errorf("%s is %s: %s", q.ID, q.Verdict, q.Reason)
		}
	}
	for _, s := range report.Scenarios {
		switch s.Verdict {
		case conformance.Fail, conformance.Inconclusive, conformance.Error:
			t.Errorf("%s is %s: %s", s.ID, s.Verdict, s.Reason)
		}
	}
	for _, w := range report.Waivers {
		if rare := w.Sometimes && w.State == assess.WaiverOpen; w.State != assess.WaiverUsed && !rare {
			t.Errorf("the waiver of %s at %s is %s: %s", w.Requirement, w.At, w.State, w.Says)
		}
	}
}

// TestAsBuiltByALaterEdition has the list for ocf-2.2 leave nothing red of a Device that is built like
// the stack, as far as the virtual one is: it has no oic.r.softwareupdate, and keeps no undefined bit.
func TestAsBuiltByALaterEdition(t *testing.T) {
	selection, err := suite.Selection{Edition: edition.OCF22}.Load()
	if err != nil {
		t.Fatal(err)
	}
	report := builtBy(t, edition.OCF22, asBuilt+"-2.2", selection.Scenarios, false)
	waived := 0
	for _, q := range report.Requirements {
		switch q.Verdict {
		case conformance.Waived:
			waived++
		case conformance.Fail, conformance.Error:
			t.Errorf("%s is %s: %s", q.ID, q.Verdict, q.Reason)
		}
	}
	if waived < 30 {
		t.Errorf("the waivers excuse %d requirements", waived)
	}
	for _, s := range report.Scenarios {
		if s.Verdict == conformance.Fail || s.Verdict == conformance.Error {
			t.Errorf("%s is %s: %s", s.ID, s.Verdict, s.Reason)
		}
	}
	for _, w := range report.Waivers {
		if w.State == assess.WaiverUnexpected && w.Requirement != "DPM-10" {
			t.Errorf("the waiver of %s at %s is %s: %s", w.Requirement, w.At, w.State, w.Says)
		}
	}
}

// TestANewDepartureOfAsBuilt has a run turn red where the Device departs in one point more,
// and by that point alone.
func TestANewDepartureOfAsBuilt(t *testing.T) {
	fewer := []string{
		"access.a-client-without-the-privilege-starts-no-check.without-ace", "access.a-client-without-the-privilege-starts-no-check.read-only",
		"access.a-client-without-the-privilege-starts-no-check.deleted-credential",
		"validation.a-check-that-finds-an-update-says-so-and-ends",
	}
	var some []steps.Scenario
	for _, s := range scenarios(t) {
		if slices.Contains(fewer, s.ID) {
			some = append(some, s)
		}
	}
	if len(some) != len(fewer) {
		t.Fatalf("%d scenarios, expected %d", len(some), len(fewer))
	}
	for quirk, want := range map[string]string{
		"":               "",
		"session-writes": "SVV-3",
		"read-writes":    "SVV-3",
		"isop-number":    "DPM-13",
		"deleted-opens":  "SVV-3",
	} {
		t.Run("with "+quirk, func(t *testing.T) {
			var quirks []string
			if quirk != "" {
				quirks = []string{quirk}
			}
			report := builtLike(t, some, true, quirks...)
			red := ""
			for _, q := range report.Requirements {
				if q.Verdict == conformance.Fail && red == "" {
					red = q.ID
				}
			}
			if red != want {
				t.Errorf("the run is red by %q, expected %q", red, want)
			}
		})
	}
}
