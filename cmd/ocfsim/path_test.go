//go:build !race

package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	pathRow = regexp.MustCompile(`(?m)^\| \[([^\]]+)\]\(([^)]+)\) \|([^|]*)\|([^|]*)\|$`)
	quoted  = regexp.MustCompile("`([^`]+)`")
)

// The newcomer's path in CONTRIBUTING leads through files that are there, and
// every name on it is declared in the file that it is said to be in.
func TestTheNewcomersPath(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := pathRow.FindAllStringSubmatch(string(text), -1)
	if len(rows) < 20 {
		t.Fatalf("the path has %d steps", len(rows))
	}
	for _, row := range rows {
		file := row[2]
		if row[1] != file {
			t.Errorf("%s is a link to %s", row[1], file)
		}
		if !strings.HasSuffix(file, ".go") {
			if _, err := os.Stat(filepath.Join("../..", file)); err != nil {
				t.Error(err)
			}
			continue
		}
		names := quoted.FindAllStringSubmatch(row[3], -1)
		if len(names) == 0 {
			t.Errorf("%s: no name to look for", file)
		}
		for _, name := range names {
			if !fileDeclares(t, filepath.Join("../..", file), name[1]) {
				t.Errorf("%s does not declare %s", file, name[1])
			}
		}
	}
}
