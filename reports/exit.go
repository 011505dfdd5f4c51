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

// exitOf is Exit for a run that was a selection, or not. A selection passes nothing
// but itself.
func exitOf(v conformance.Verdict, selection bool) (code int, means string) {
	code, means = Exit(v)
	if selection {
		means = strings.Replace(means, "every applicable requirement passed", "every applicable requirement of the selection passed", 1)
	}
	return code, means
}
