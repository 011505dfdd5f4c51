package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const toyAccepted = `
# Only tested with one number,
# as it happens.
toy.go Sum: sum += n => sum -= n
toy.go Cut: s[:n] => s[:]

# Whatever the loop is.
/ Wait: /

# Nothing like it.
toy.go Sum: gone => gone
`

// TestToy makes every mutant of a small package and holds what becomes of each
// against testdata/toy.golden. Set REWRITE=1 to write it anew.
func TestToy(t *testing.T) {
	dir := t.TempDir()
	list, markdown, results := filepath.Join(dir, "accepted"), filepath.Join(dir, "report.md"), filepath.Join(dir, "results.json")
	if err := os.WriteFile(list, []byte(toyAccepted), 0o600); err != nil {
		t.Fatal(err)
	}
	before := tree(t, "testdata/toy")
	var out, progress bytes.Buffer
	c := config{
		module: "testdata/toy", pattern: ".", accepted: list, markdown: markdown, json: results, threshold: 50, slow: time.Hour, grace: 3 * time.Second,
		workers: 2, verbose: true, out: &out, diagnostics: &progress,
	}
	ok, err := run(c)
	if err != nil {
		t.Fatal(err)
	}
	if ok {
		t.Error("ok, though there are survivors that nobody looked at")
	}
	report, err := os.ReadFile(markdown)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/toy.golden"
	got := out.String() + "\n" + string(report)
	if os.Getenv("REWRITE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	var again bytes.Buffer
	if ok, err := run(config{of: results, accepted: list, markdown: markdown, threshold: 50, verbose: true, out: &again}); err != nil || ok || again.String() != out.String() {
		t.Errorf("reported again: %v, %v\n%s", ok, err, &again)
	}
	if after := tree(t, "testdata/toy"); !slices.Equal(before, after) {
		t.Errorf("the work tree was %v and is %v", before, after)
	}
}

// tree lists the files of dir with what they hold.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = fmt.Sprintf("%s: %s", name, text)
	}
	return files
}

func TestTheShareIsHeld(t *testing.T) {
	all := []*mutant{{File: "a.go", From: "x", To: "y", Nth: 1, Status: killed}, {File: "a.go", From: "y", To: "z", Nth: 1, Status: survived}}
	o := conclude("a", all, reasons{exact: map[string]string{"a.go : y => z": "why"}})
	for threshold, want := range map[float64]bool{50: true, 50.1: false} {
		var out bytes.Buffer
		ok, err := config{threshold: threshold, out: &out}.report(o)
		if ok != want || err != nil || !strings.Contains(out.String(), "1 of 2 killed: 50.0 %") {
			t.Errorf("%v: %v, %v, %s", threshold, ok, err, out.String())
		}
	}
}

func TestAFailingPackageIsAnError(t *testing.T) {
	if _, err := run(config{module: "testdata/toy", pattern: "./nowhere"}); err == nil {
		t.Error("no error")
	}
}

// A module that changes while its mutants are tried is noticed.
func TestTheModuleKeepsStill(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "data.txt")
	digest := func(text string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := state(dir)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if a, b, c := digest("a"), digest("a"), digest("b"); a != b || a == c {
		t.Errorf("%s, %s, %s", a, b, c)
	}
	if _, err := state(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("no error")
	}
}
