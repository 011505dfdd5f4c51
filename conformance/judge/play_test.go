package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/script"
)

// defaults is the target of a script.
var defaults = script.Target()

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
func scripts(t testing.TB) []conformance.Timeline {
	t.Helper()
	all, err := script.ReadAll("testdata/judges/*")
	if err != nil {
		t.Fatal(err)
	}
	return all
}
