package reports

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestLayoutChangesNothing holds the laid out results.json to what a reader of JSON sees,
// whatever stands in its strings.
func TestLayoutChangesNothing(t *testing.T) {
	hostile, _ := hostile()
	hostile.Reason = "a \\ \" { [ , : ] } \n\\\""
	for name, rep := range map[string]any{"sample": acme().report, "large": large(80).report, "hostile": hostile, "empty": struct{}{}} {
		want, err := json.Marshal(rep)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Compact(&got, layout(append(want, '\n'))); err != nil || got.String() != string(want) {
			t.Errorf("%s: %v: %s", name, err, got.String())
		}
	}
}

func TestLayoutHasALineForEachFinding(t *testing.T) {
	var out bytes.Buffer
	s := acme()
	if err := JSON(&out, s.report); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, `  {"scenario": `) {
			lines++
		}
	}
	want := 0
	for _, r := range s.report.Requirements {
		want += len(r.Findings)
	}
	for _, r := range s.report.Scenarios {
		want += len(r.Checks)
	}
	if lines != want {
		t.Errorf("%d lines begin with a finding, expected %d", lines, want)
	}
}
