package judge_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/script"
)

// play is the Timeline of a script.
func play(t testing.TB, text string) conformance.Timeline {
	t.Helper()
	tl, err := script.Play(text)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// scripts are all Timelines under testdata/judges.
func scripts(t testing.TB) []conformance.Timeline { return scriptsOf(t, "*") }

// scriptsOf are those of the files that match pattern.
func scriptsOf(t testing.TB, pattern string) []conformance.Timeline {
	t.Helper()
	all, err := script.ReadAll("testdata/judges/" + pattern)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
