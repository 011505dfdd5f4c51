package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asksToRewrite matches test files that can write golden files: they define or look up the
// flag -rewrite, or use datadriven, which has this flag too.
var asksToRewrite = regexp.MustCompile(`flag\.(Bool|Lookup)\("rewrite"|datadriven\.(RunTest|Walk)\(`)

// TestEveryPackageThatRewritesHasAnItem checks that each package with tests that can write
// golden files has an item, so that one command makes everything.
func TestEveryPackageThatRewritesHasAnItem(t *testing.T) {
	const module = "../../.."
	made := map[string]bool{"./.ci/tools/mutants": true} // a module of its own, whose golden file is about a toy
	for _, it := range items() {
		for _, arg := range it.command {
			made[arg] = true
		}
	}
	found := 0
	err := filepath.WalkDir(module, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(module, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := "./" + filepath.ToSlash(rel)
		if pkg != "./.ci/tools/generate" && asksToRewrite.Match(text) {
			found++
			if !made[pkg] {
				t.Errorf("%s writes golden files, and no item runs the tests of %s", path, pkg)
			}
		}
		return nil
	})
	if err != nil || found < len(items())-2 {
		t.Errorf("%d files write golden files, error %v", found, err)
	}
}

// TestItemsRunWhatIsThere checks that the tests which an item runs exist: with a misspelt
// name it would make nothing.
func TestItemsRunWhatIsThere(t *testing.T) {
	for _, it := range items() {
		if it.command[0] != "test" {
			continue
		}
		i := slices.Index(it.command, "-run")
		files, err := filepath.Glob(filepath.Join("../../..", it.command[2], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
		for name := range strings.SplitSeq(strings.Trim(it.command[i+1], "^()$"), "|") {
			if !strings.Contains(all.String(), "func "+name+"(") {
				t.Errorf("item %s runs %s, which %s does not have", it.name, name, it.command[2])
			}
		}
	}
}

func TestChoose(t *testing.T) {
	all := []item{{name: "a"}, {name: "b"}, {name: "c"}}
	for only, want := range map[string]string{"": "abc", "b": "b", "c,a": "ac"} {
		chosen, err := choose(all, only)
		got := ""
		for _, it := range chosen {
			got += it.name
		}
		if err != nil || got != want {
			t.Errorf("-only %q chose %q, error %v", only, got, err)
		}
	}
	if _, err := choose(all, "a,d"); err == nil || !strings.Contains(err.Error(), `"d"`) {
		t.Errorf("an item that is not there: error %v", err)
	}
}

// TestAFailureIsTold checks that the error of a command which fails has its output.
func TestAFailureIsTold(t *testing.T) {
	var out bytes.Buffer
	err := run(&out, t.TempDir(), "catalogue", false)
	if err == nil || !strings.Contains(err.Error(), "go generate") || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("got error %v", err)
	}
}
