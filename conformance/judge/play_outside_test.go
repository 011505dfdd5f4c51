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

// scripts are all Timelines under testdata.
func scripts(t testing.TB) []conformance.Timeline {
	t.Helper()
	return append(scriptsOf(t, "*.txt"), scriptsOf(t, "judges/*")...)
}

// scriptsOf are those of the files under testdata that match pattern.
func scriptsOf(t testing.TB, pattern string) []conformance.Timeline {
	t.Helper()
	all, err := script.ReadAll("testdata/" + pattern)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
