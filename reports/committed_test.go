package reports

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestTheCommittedSampleIsFresh writes the reports of the committed run again; -rewrite
// puts them in its place. Of the page it compares what is packed in it, because another
// version of Go may pack the same otherwise.
func TestTheCommittedSampleIsFresh(t *testing.T) {
	const dir = "sample"
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	rep, err := ReadJSON(ResultsFile, bytes.NewReader(read(ResultsFile)))
	if err != nil {
		t.Fatal(err)
	}
	target := Entry{
		Report: rep,
		Timelines: func(name string) (conformance.Timeline, error) {
			return conformance.ReadTimeline(name, bytes.NewReader(read(name)))
		},
		Rerun: func(scenario string) string { return "ocfsim test --target lamp.yaml --scenario " + scenario },
	}
	for _, f := range Formats() {
		if f.File == "" {
			continue
		}
		var fresh bytes.Buffer
		if err := f.Write(&fresh, target); err != nil {
			t.Fatal(err)
		}
		if *rewrite {
			if err := os.WriteFile(filepath.Join(dir, f.File), fresh.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, got := string(read(f.File)), fresh.String()
		if f.File == PageFile {
			want, got = unpacked(t, want), unpacked(t, got)
		}
		if want != got {
			t.Errorf("%s is stale: go run -C .ci/tools ./generate -only sample", f.File)
		}
	}
}

// counting counts what is written.
type counting int

func (c *counting) Write(p []byte) (int, error) { *c += counting(len(p)); return len(p), nil }

// TestThePageIsSmall bounds the page of 280 scenarios, half of which failed, and what it
// takes to write it: a megabyte, and 30 % more allocations than it took when this was written.
func TestThePageIsSmall(t *testing.T) {
	s := large(280)
	var size counting
	if err := HTML(&size, s.report, s.timeline, rerun); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes for %d scenarios", size, len(s.report.Scenarios))
	const most = 1 << 20
	if size > most {
		t.Errorf("the page has %d bytes, expected at most %d", size, most)
	}
	allocations := testing.AllocsPerRun(1, func() {
		if err := HTML(io.Discard, s.report, s.timeline, rerun); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%.0f allocations", allocations)
	if allocations > 1_320_000 {
		t.Errorf("the page takes %.0f allocations, expected at most 1,320,000", allocations)
	}
}

// TestThePageOfADeviceThatBreaksEverythingIsBounded lets every scenario of the suite fail.
func TestThePageOfADeviceThatBreaksEverythingIsBounded(t *testing.T) {
	s := large(280)
	for i := range s.report.Scenarios {
		s.report.Scenarios[i].Verdict = conformance.Fail
	}
	var page strings.Builder
	if err := HTML(&page, s.report, s.timeline, rerun); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(page.String(), `<section class="fault`); n == 0 {
		t.Error("no fault stands open")
	}
	if page.Len() > 2<<20 {
		t.Errorf("%d bytes", page.Len())
	}
}

// TestAControlCharacterIsNeverPacked holds the parts of a chunk apart.
func TestAControlCharacterIsNeverPacked(t *testing.T) {
	l := later{kind: "x"}
	if _, err := l.add("a" + partEnd + "b"); err == nil {
		t.Error("a part may end in its middle")
	}
	broken := Entry{Timelines: func(string) (conformance.Timeline, error) { return conformance.Timeline{}, errors.New(partEnd) }}
	broken.Report.Scenarios = acme().report.Scenarios
	if err := HTML(io.Discard, broken.Report, broken.Timelines, nil); err != nil {
		t.Errorf("an error that says a control character: %v", err)
	}
}
