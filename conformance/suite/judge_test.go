package suite_test

import (
	"errors"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// TestSampleIsJudgedAsItStands judges the committed run again: a change of a
// judge that flips a verdict of it has to be seen.
func TestSampleIsJudgedAsItStands(t *testing.T) {
	results, err := suite.Rejudge("../../reports/sample", suite.Judging{Version: "devel"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		for _, c := range changed(r) {
			t.Error(c)
		}
		if got := verdictsOf(r, conformance.Fail); len(got) != 1 || got[0] != "SVV-4" {
			t.Errorf("fails %v, want SVV-4 alone", got)
		}
	}
	if got := suite.ExitCode(results); got != suite.ExitFail {
		t.Errorf("exit code %d, want %d", got, suite.ExitFail)
	}
}

// TestExitCode holds the order of the contract: error, fail, inconclusive, pass.
func TestExitCode(t *testing.T) {
	of := func(v conformance.Verdict) suite.Result {
		return suite.Result{Report: assess.Report{
			Verdict: v, Counts: map[conformance.Verdict]int{conformance.Pass: 1},
		}}
	}
	for name, c := range map[string]struct {
		results []suite.Result
		want    int
	}{
		"nothing":           {nil, 2},
		"pass":              {[]suite.Result{of(conformance.Pass)}, 0},
		"warn":              {[]suite.Result{of(conformance.Pass), of(conformance.Warn)}, 0},
		"inconclusive":      {[]suite.Result{of(conformance.Pass), of(conformance.Inconclusive)}, 3},
		"fail":              {[]suite.Result{of(conformance.Inconclusive), of(conformance.Fail)}, 1},
		"error":             {[]suite.Result{of(conformance.Fail), of(conformance.Error)}, 4},
		"not applicable":    {[]suite.Result{of(conformance.NotApplicable)}, 3},
		"none":              {[]suite.Result{of(conformance.None)}, 3},
		"pass of nothing":   {[]suite.Result{{Report: assess.Report{Verdict: conformance.Pass}}}, 3},
		"interrupted":       {[]suite.Result{of(conformance.Fail), {Interrupted: true}}, 130},
		"error of a folder": {[]suite.Result{{Report: assess.Report{Verdict: conformance.Pass}, Err: errFolder}}, 4},
	} {
		if got := suite.ExitCode(c.results); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

var errFolder = errors.New("disk full")

// verdictsOf lists the requirements that have the verdict.
func verdictsOf(r suite.Result, v conformance.Verdict) []string {
	var ids []string
	for _, q := range r.Requirements(v) {
		ids = append(ids, q.ID)
	}
	return ids
}
