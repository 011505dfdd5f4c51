package lab_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// recordTwo runs two scenarios that pass, in virtual time, and writes the run to dir.
func recordTwo(t *testing.T, dir string) suite.Result {
	t.Helper()
	var two []steps.Scenario
	for _, s := range catalogue(t) {
		if s.ID == oneID || s.ID == otherID {
			two = append(two, s)
		}
	}
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil || len(two) != 2 {
		t.Fatalf("found %d scenarios, error %v", len(two), err)
	}
	var res suite.Result
	synctest.Test(t, func(t *testing.T) {
		l := openVirtual(t, specimens[0], unsecured)
		res = runOne(t.Context(), t, suite.Config{Targets: l.Targets(), Selection: selected(two), Dir: dir})
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return res
}

const (
	oneID   = "validation.a-check-that-finds-an-update-says-so-and-ends"
	otherID = "validation.a-check-is-pending-until-the-trusted-source-has-answered"
)

// tamper changes a file of a recorded run.
type tamper func(t *testing.T, dir string)

func edit(name, old, new string) tamper {
	return changed(name, func(t *testing.T, text string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no %q", name, old)
		}
		return strings.ReplaceAll(text, old, new)
	})
}

// cut keeps only the first n lines of a file.
func cut(name string, n int) tamper {
	return changed(name, func(_ *testing.T, text string) string {
		return strings.Join(strings.SplitAfterN(text, "\n", n+1)[:n], "")
	})
}

// changed rewrites the text of a file, and packs it again if it was packed.
func changed(name string, by func(t *testing.T, text string) string) tamper {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, ".gz") {
			write(t, dir, name, by(t, string(data)))
			return
		}
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		again := gzip.NewWriter(&out)
		if _, err := io.WriteString(again, by(t, string(text))); err != nil {
			t.Fatal(err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, out.String())
	}
}

func remove(name string) tamper {
	return func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}

// copyOver replaces a file by another one.
func copyOver(from, to string) tamper {
	return func(t *testing.T, dir string) {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(from)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(to)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func all(changes ...tamper) tamper {
	return func(t *testing.T, dir string) {
		for _, c := range changes {
			c(t, dir)
		}
	}
}

const (
	one     = "timelines/" + oneID + ".jsonl.gz"
	other   = "timelines/" + otherID + ".jsonl.gz"
	results = "results.json"
)

// TestTamperedRunsAreNotJudged damages a recorded run in each way in which evidence
// gets lost or mixed up. None of these runs is judged as if nothing had happened.
func TestTamperedRunsAreNotJudged(t *testing.T) {
	good := t.TempDir()
	if res := recordTwo(t, good); suite.ExitCode([]suite.Result{res}) != suite.ExitPass {
		t.Fatalf("%s: %s", res.Report.Verdict, explain(res.Report, conformance.Fail, conformance.Inconclusive, conformance.Error))
	}
	if again, err := suite.Rejudge(good, suite.Judging{}); err != nil || suite.ExitCode(again) != suite.ExitPass || len(again[0].Changes) > 0 {
		t.Fatalf("judged again: %v", err)
	}
	for name, c := range map[string]struct {
		change tamper
		want   string
	}{
		"a timeline cut off in a line":          {func(t *testing.T, dir string) { truncate(t, dir, one) }, "the last line is cut off"},
		"a timeline cut off between lines":      {cut(one, 9), "is not what was recorded"},
		"a timeline of its header alone":        {cut(one, 1), "is not what was recorded"},
		"a timeline that is empty":              {cut(one, 0), "empty, expected a header"},
		"a timeline that is gone":               {remove(one), "no such file"},
		"a timeline that was edited":            {edit(one, `"type":"CON"`, `"type":"NON"`), "is not what was recorded"},
		"a line taken out":                      {edit(one, `{"n":3,`, `{"n":4,`), "a line is missing or doubled"},
		"another scenario's timeline":           {copyOver(other, one), "was recorded of scenario"},
		"a timeline that nobody names":          {copyOver(one, "timelines/left-over.jsonl.gz"), "no scenario of results.json names timelines/left-over.jsonl.gz"},
		"results that leave a scenario out":     {edit(results, one, ""), "SHA256SUMS names " + one},
		"the same, with the file taken away":    {all(edit(results, one, ""), remove(one)), "SHA256SUMS names " + one},
		"the same, without sums":                {all(edit(results, one, ""), remove(suite.SumsFile)), "no scenario of results.json names " + one},
		"results with other tags":               {edit(results, `"@SVV-6"`, `"@SVV-7"`), "was recorded of scenario"},
		"a verdict better than its rows":        {edit(results, `"id": "SVV-6","level": "duty","verdict": "pass"`, `"id": "SVV-6","level": "duty","verdict": "fail"`), "counts"},
		"results for another kind of reader":    {edit(results, "ocfsim.results/1", "ocfsim.results/2"), "schema"},
		"sums that are none":                    {func(t *testing.T, dir string) { write(t, dir, suite.SumsFile, "all is well\n") }, "SHA256SUMS:1:1: expected a sum"},
		"sums that leave a timeline out":        {func(t *testing.T, dir string) { write(t, dir, suite.SumsFile, "") }, "is not what was recorded"},
		"two scenarios that share one's record": {all(edit(results, other, one), remove(other)), "two scenarios name"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}
			c.change(t, dir)
			again, err := suite.Rejudge(dir, suite.Judging{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("exit code %d, %v; want an error that says %q", suite.ExitCode(again), err, c.want)
			}
		})
	}
}

func truncate(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-20); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNothingRecordedIsNoPass judges a run whose results claim a pass but name no
// timeline.
func TestNothingRecordedIsNoPass(t *testing.T) {
	dir := t.TempDir()
	recordTwo(t, dir)
	all(edit(results, one, ""), edit(results, other, ""), remove(one), remove(other), remove(suite.SumsFile))(t, dir)
	again, err := suite.Rejudge(dir, suite.Judging{})
	if err != nil {
		t.Fatal(err)
	}
	if code := suite.ExitCode(again); code != suite.ExitError || !strings.Contains(strings.Join(again[0].Changes, "\n"), "the verdict was pass, is error") {
		t.Errorf("exit code %d, changes %q", code, again[0].Changes)
	}
}

// TestTheTimelinesDecide judges a run whose results were edited so that they agree
// with one another: judge reports what they claimed, but the timelines decide.
func TestTheTimelinesDecide(t *testing.T) {
	dir := t.TempDir()
	recordTwo(t, dir)
	edit(results, `"verdict": "pass"`, `"verdict": "warn"`)(t, dir)
	all(edit(results, `"warn": 0`, `"warn": N`), edit(results, `"pass": `, `"warn": `), edit(results, `"warn": N`, `"pass": 0`))(t, dir)
	again, err := suite.Rejudge(dir, suite.Judging{})
	if err != nil {
		t.Fatal(err)
	}
	changes := strings.Join(again[0].Changes, "\n")
	if suite.ExitCode(again) != suite.ExitPass || !strings.Contains(changes, "SVV-6 was warn, is pass") || !strings.Contains(changes, "the verdict was warn, is pass") {
		t.Errorf("exit code %d, changes %q", suite.ExitCode(again), changes)
	}
}
