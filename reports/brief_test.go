package reports

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance/assess"
)

// TestABriefReportTellsTheSameOfWhatDidNotPass holds what is shown of several targets to
// be the same whether their reports are whole or brief, and what needs every finding to
// load the whole.
func TestABriefReportTellsTheSameOfWhatDidNotPass(t *testing.T) {
	s := acme()
	whole := Entry{Folder: "acme", Report: complete(s.report), Timelines: s.timeline, Rerun: rerun}
	brief := whole
	brief.Report = Brief(s.report)
	brief.Whole = func() (assess.Report, error) { return s.report, nil }
	if len(brief.Report.Scenarios) >= len(whole.Report.Scenarios) {
		t.Errorf("%d scenarios of %d are left", len(brief.Report.Scenarios), len(whole.Report.Scenarios))
	}
	if diff := cmp.Diff(whole.Report, complete(s.report)); diff != "" {
		t.Errorf("Brief changes what it is given:\n%s", diff)
	}
	shows := map[string]func(w io.Writer, e Entry) error{
		"index": func(w io.Writer, e Entry) error { return Index(w, []Entry{e, e}) },
		"json":  func(w io.Writer, e Entry) error { return IndexJSON(w, []Entry{e, e}) },
	}
	for _, f := range Formats() {
		if f.Show != nil && f.Follow == nil { // events tell the time at which they are written
			shows["format "+f.Name] = func(w io.Writer, e Entry) error { return f.Show(w, []Entry{e, e}, Style{}) }
		}
	}
	for name, show := range shows {
		var want, got bytes.Buffer
		if err := show(&want, whole); err != nil {
			t.Fatal(err)
		}
		if err := show(&got, brief); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
