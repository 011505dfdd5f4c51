//go:build !race

package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDecisions checks that every decision record has a number of its own, a
// status and at most 40 lines, and that each of the ambiguities A1 to A21 is in
// the title of one.
func TestDecisions(t *testing.T) {
	files, err := filepath.Glob("../../docs/adr/[0-9]*.md")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d decision records, error %v", len(files), err)
	}
	var titles strings.Builder
	for i, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, number := string(data), fmt.Sprintf("%04d", i+1)
		if !strings.HasPrefix(filepath.Base(name), number+"-") || !strings.HasPrefix(text, "# "+number+" ") {
			t.Errorf("%s: expected to be number %s in name and title", name, number)
		}
		if !strings.Contains(text, "\n\nStatus: ") {
			t.Errorf("%s: no status", name)
		}
		if n := strings.Count(text, "\n"); n > 40 {
			t.Errorf("%s: %d lines, at most 40", name, n)
		}
		titles.WriteString(strings.SplitN(text, "\n", 2)[0])
	}
	for n := 1; n <= 21; n++ {
		if !regexp.MustCompile(fmt.Sprintf(`\bA%d\b`, n)).MatchString(titles.String()) {
			t.Errorf("no decision record has A%d in its title", n)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

// TestLinks checks that every link of a document leads to a file that exists.
func TestLinks(t *testing.T) {
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(string(text), -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
					t.Errorf("%s: link %s: %v", name, m[1], err)
				}
			}
		}
	}
}
