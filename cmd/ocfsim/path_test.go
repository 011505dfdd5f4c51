package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
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
		declared := declarations(t, filepath.Join("../..", file))
		names := quoted.FindAllStringSubmatch(row[3], -1)
		if len(names) == 0 {
			t.Errorf("%s: no name to look for", file)
		}
		for _, name := range names {
			if !declared[name[1]] {
				t.Errorf("%s does not declare %s", file, name[1])
			}
		}
	}
}

// The names in the last column of the glossary are declared, outside tests, in the
// package that they are said to be of.
func TestTheGlossary(t *testing.T) {
	text, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	err = filepath.WalkDir("../..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		for name := range declarations(t, file) {
			declared[filepath.Base(filepath.Dir(file))+"."+name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		for _, name := range quoted.FindAllStringSubmatch(cells[3], -1) {
			if rows++; !declared[name[1]] {
				t.Errorf("%s: %s is not declared", strings.TrimSpace(cells[1]), name[1])
			}
		}
	}
	if rows < 40 {
		t.Errorf("the glossary has %d names", rows)
	}
}

// declarations are the names of the functions, methods, types and variables
// that a file declares.
func declarations(t *testing.T, file string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			found[d.Name.Name] = true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					found[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range s.Names {
						found[n.Name] = true
					}
				}
			}
		}
	}
	return found
}
