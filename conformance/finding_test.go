package conformance

import (
	"testing"
)

func TestWhatABreachIs(t *testing.T) {
	for f, want := range map[Finding]bool{
		{Verdict: Fail}: true, {Verdict: Warn}: true, {Verdict: Waived}: true, {Verdict: Inconclusive, Silent: true}: true,
		{Verdict: Inconclusive}: false, {Verdict: Pass}: false, {}: false,
	} {
		if f.Breach() != want {
			t.Errorf("%+v: breach is %v", f, !want)
		}
	}
}
