package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/reports"
)

// TestOldRunsArePruned makes runs that may go and folders that must not.
func TestOldRunsArePruned(t *testing.T) {
	dir := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, v conformance.Verdict) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(path, "timelines"), 0o755); err != nil {
			t.Fatal(err)
		}
		rep := assess.Report{Verdict: v, Requirements: []assess.RequirementResult{{ID: "SVV-1", Verdict: v}}}
		if err := reports.Save(path, reports.Entry{Report: rep}); err != nil {
			t.Fatal(err)
		}
		write(name+"/timelines/a.jsonl.gz", "")
	}
	var stay, gone []string
	for i, v := range []conformance.Verdict{conformance.Pass, conformance.Warn, conformance.Fail, conformance.Error, conformance.Inconclusive} {
		name := fmt.Sprintf("2026010%d-090000.000", i+1)
		run(name, v)
		if v == conformance.Pass || v == conformance.Warn {
			gone = append(gone, name)
		} else {
			stay = append(stay, name)
		}
	}
	write("20260106-090000.000/index.json", `{"schema": "ocfsim.index/1", "verdict": "pass", "targets": []}`)
	write("20260106-090000.000/lamp/results.json", "{}")
	gone = append(gone, "20260106-090000.000")
	run("20260107-090000.000", conformance.Pass)
	write("20260107-090000.000/my-notes.txt", "why it passed")
	for i, notes := range []string{"lamp/my-notes.txt", "lamp/timelines/my-notes.txt", "photos/lamp.jpg"} {
		name := fmt.Sprintf("2026011%d-090000.000", i+1)
		write(name+"/index.json", `{"schema": "ocfsim.index/1", "verdict": "pass", "targets": []}`)
		write(name+"/"+notes, "why it passed")
		stay = append(stay, name)
	}
	write("20260108-090000.000/results.json", `{"schema": "somebody.else/1", "verdict": "pass"}`)
	write("20260109-090000.000/results.json", `not JSON`)
	if err := os.Mkdir(filepath.Join(dir, "20260110-090000.000"), 0o755); err != nil {
		t.Fatal(err)
	}
	run("before-the-fair", conformance.Pass)
	stay = append(stay, "20260107-090000.000", "20260108-090000.000", "20260109-090000.000", "20260110-090000.000", "before-the-fair")
	for i := range 3 {
		name := fmt.Sprintf("2026020%d-090000.000", i+1)
		run(name, conformance.Pass)
		stay = append(stay, name)
	}
	if err := pruneRuns(dir, 3); err != nil {
		t.Fatal(err)
	}
	for _, name := range stay {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s is gone: %v", name, err)
		}
	}
	for _, name := range gone {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	if err := pruneRuns(filepath.Join(dir, "nowhere"), 3); err != nil {
		t.Errorf("no folder at all: %v", err)
	}
}
