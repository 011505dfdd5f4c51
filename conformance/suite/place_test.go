package suite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// TestWhatAnEarlierRunLeft runs into one folder again and again. A run that can't begin
// renames what the earlier one concluded, one that can removes everything of it, and what
// somebody else keeps in the folder stays.
func TestWhatAnEarlierRunLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	both := suite.Config{
		Targets:   []target.Config{offline("lamp"), offline("bulb")},
		Selection: suite.Selection{Features: []fs.FS{ownFeatures()}}, Dir: dir,
	}
	run := func(cfg suite.Config, wantErr bool) {
		t.Helper()
		if _, err := suite.Run(t.Context(), cfg); (err != nil) != wantErr {
			t.Fatal(err)
		}
	}
	want := func(there, gone []string) {
		t.Helper()
		for _, name := range there {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		for _, name := range gone {
			if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is still there, %v", name, err)
			}
		}
	}
	run(both, false)
	for name, text := range map[string]string{"notes.txt": "mine", "bulb/notes.txt": "mine too", "lamp/timelines/an-earlier-one.jsonl": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	verdicts := []string{"index.json", "index.html", "lamp/results.json", "bulb/results.json", "lamp/junit.xml", "bulb/report.html"}
	var old []string
	for _, name := range verdicts {
		old = append(old, name+".old")
	}
	want(verdicts, append(old, suite.UnfinishedDir))

	wrong := both
	wrong.Selection.Tags = "@SVV-666"
	run(wrong, true)
	want(append(old, "notes.txt", "lamp/timelines/an-earlier-one.jsonl"), verdicts)

	one := both
	one.Targets = one.Targets[:1]
	run(one, false)
	want([]string{"results.json", "junit.xml", "report.html", "SHA256SUMS", "notes.txt", "bulb/notes.txt"},
		append(old, "index.json", "index.html", "bulb/results.json", "bulb/SHA256SUMS", "lamp", suite.UnfinishedDir))

	run(both, false)
	want(append(verdicts, "notes.txt"), append(reports.Files(), "SHA256SUMS", "timelines", suite.UnfinishedDir))
}

// TestWithdrawLeavesOthersAlone calls Withdraw where no run was.
func TestWithdrawLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"index.html", "index.json", "junit.xml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, of := range []string{dir, filepath.Join(dir, "absent")} {
		if found, err := suite.Withdraw(of); found || err != nil {
			t.Errorf("%s: %v, %v", of, found, err)
		}
	}
}
