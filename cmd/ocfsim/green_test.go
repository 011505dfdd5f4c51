//go:build !race

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoFalseGreen keeps the table of docs/guide/no-false-green.md from going
// stale: each row has an exit code, and names tests that exist.
func TestNoFalseGreen(t *testing.T) {
	text, err := os.ReadFile("../../docs/guide/no-false-green.md")
	if err != nil {
		t.Fatal(err)
	}
	known := testNames(t)
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| situation ") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 4 || !regexp.MustCompile(`^([1-4]|130|-|not 0|as without|its)$`).MatchString(cells[2]) {
			t.Errorf("expected situation, what is done, exit code and tests: %s", line)
			continue
		}
		for name := range strings.SplitSeq(strings.TrimSpace(cells[3]), ", ") {
			if !slices.Contains(known, name) {
				t.Errorf("there is no test %q: %s", name, line)
			}
		}
	}
	if rows < 35 {
		t.Errorf("%d rows", rows)
	}
}

// TestGuidesNameTestsThatExist keeps what the guides say is tried from going stale.
func TestGuidesNameTestsThatExist(t *testing.T) {
	known := testNames(t)
	guides, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, guide := range guides {
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(string(text), -1) {
			named++
			if !slices.Contains(known, name) && guide != filepath.Join("..", "..", "docs", "guide", "library.md") { // that one names a vendor's
				t.Errorf("%s: there is no test %q", guide, name)
			}
		}
	}
	if named < 40 {
		t.Errorf("%d tests are named", named)
	}
}

// testNames are the scripts and the tests of the repository.
func testNames(t *testing.T) []string {
	t.Helper()
	var names []string
	test := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".txtar"):
			names = append(names, filepath.Base(path))
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range test.FindAllSubmatch(text, -1) {
				names = append(names, string(m[1]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
