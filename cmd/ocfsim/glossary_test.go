//go:build !race

package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	glossaryRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	qualified   = regexp.MustCompile("^`([a-z]+)\\.(\\w+)`$")
)

// A word of the glossary has one meaning and one row, and every name that is
// given for it is declared in the package that it is said to be in.
func TestTheGlossary(t *testing.T) {
	text, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	seen, checked := map[string]bool{}, 0
	for _, row := range glossaryRow.FindAllStringSubmatch(string(text), -1) {
		word := row[1]
		if word == "word" || strings.HasPrefix(word, "---") {
			continue
		}
		if seen[word] {
			t.Errorf("%s stands in the glossary twice", word)
		}
		seen[word] = true
		for name := range strings.SplitSeq(row[3], ", ") {
			m := qualified.FindStringSubmatch(name)
			if m == nil {
				t.Errorf("%s: expected `package.Name`, got %s", word, name)
				continue
			}
			if !declares(t, m[1], m[2]) {
				t.Errorf("%s: no package %s declares %s", word, m[1], m[2])
			}
			checked++
		}
	}
	if checked < 40 {
		t.Errorf("%d names were checked", checked)
	}
}

// declares reports whether a package of ours with this name declares the name.
func declares(t *testing.T, pkg, name string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || found || !d.IsDir() || filepath.Base(path) != pkg {
			return err
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil {
			return err
		}
		for _, file := range files {
			found = found || !strings.HasSuffix(file, "_test.go") && fileDeclares(t, file, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// fileDeclares reports whether a file declares the name at its top level.
func fileDeclares(t *testing.T, file, name string) bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for n := range topLevel(parsed) {
		if n == name {
			return true
		}
	}
	return false
}

// topLevel yields the names of the functions, methods, types, variables and
// constants that a file declares.
func topLevel(file *ast.File) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, d := range file.Decls {
			for _, name := range namesOf(d) {
				if !yield(name) {
					return
				}
			}
		}
	}
}

func namesOf(d ast.Decl) []string {
	if f, ok := d.(*ast.FuncDecl); ok {
		return []string{f.Name.Name}
	}
	var names []string
	if g, ok := d.(*ast.GenDecl); ok {
		for _, s := range g.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}
