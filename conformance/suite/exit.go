package suite

import "github.com/ocfsim/ocfsim/conformance"

// The exit codes of test and judge.
const (
	ExitPass         = 0
	ExitFail         = 1
	ExitUsage        = 2
	ExitInconclusive = 3
	ExitError        = 4
	ExitInterrupted  = 130
)

// ExitCode is what the results add up to: the first of error, fail,
// inconclusive, pass. No result at all is a usage error, never a pass.
func ExitCode(results []Result) int {
	if len(results) == 0 {
		return ExitUsage
	}
	worst := conformance.None
	judged := false
	for _, r := range results {
		if r.Interrupted {
			return ExitInterrupted
		}
		if r.Err != nil {
			worst = conformance.Error
		}
		worst = conformance.Worst(worst, r.Report.Verdict)
		judged = judged || r.Report.Counts[conformance.Pass]+r.Report.Counts[conformance.Warn] > 0
	}
	switch worst {
	case conformance.Error:
		return ExitError
	case conformance.Fail:
		return ExitFail
	case conformance.Pass, conformance.Warn, conformance.Waived:
		if judged {
			return ExitPass
		}
	}
	return ExitInconclusive
}
