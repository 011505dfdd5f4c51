package reports

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// Interrupted is the reason in the report of a run that the user has interrupted.
const Interrupted = "interrupted"

// Exit returns the exit code that the contract defines for a verdict, and what the
// code means. A run that concluded nothing never exits with 0.
func Exit(v conformance.Verdict) (code int, means string) {
	switch v {
	case conformance.Pass, conformance.Warn:
		return 0, "every applicable requirement passed"
	case conformance.Waived:
		return 0, "every applicable requirement passed but for what is waived"
	case conformance.Fail:
		return 1, "at least one requirement failed"
	case conformance.Inconclusive:
		return 3, "nothing failed, but something is inconclusive"
	case conformance.NotApplicable, conformance.None:
		return 3, "nothing was judged"
	}
	return 4, "the harness or its surroundings failed"
}

// selected says how much of the suite a run was, as every place says it where a
// verdict stands; "" for all of it.
func selected(rep assess.Report) string {
	if rep.Selection == nil {
		return ""
	}
	return rep.Selection.String()
}

// conclusion is Exit for runs that came to v together, in words that are true of them:
// a selection passes nothing but itself, and a waiver fails a run in which no
// requirement failed.
func conclusion(v conformance.Verdict, reps ...assess.Report) (code int, means string) {
	code, means = Exit(v)
	selection, failed := false, false
	for _, rep := range reps {
		selection = selection || rep.Selection != nil
		failed = failed || counts(rep.Requirements)[conformance.Fail] > 0
	}
	switch {
	case v == conformance.Fail && !failed:
		means = "no requirement failed, but a waiver did: it is unused, has expired, or is of what passes"
	case selection:
		means = strings.Replace(means, "every applicable requirement passed", "every applicable requirement of the selection passed", 1)
	}
	return code, means
}
