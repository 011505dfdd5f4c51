package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// history is what git knows of the module in dir. A module that is not under git has no
// commits; that is an error only if a commit is asked for by name.
type history struct{ dir string }

func (h history) git(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = h.dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w: %s", cmd, err, bytes.TrimSpace(exit.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}

// seed is a number made from the commit: the same for the same commit, so that a run can
// be repeated, and another one for the next commit. Without commits it is the date.
func (h history) seed() uint64 {
	commit, err := h.git("rev-parse", "--short=8", "HEAD")
	if err == nil {
		n, err := strconv.ParseUint(commit[:min(8, len(commit))], 16, 64)
		if err == nil && n > 0 {
			return n
		}
	}
	n, _ := strconv.ParseUint(time.Now().UTC().Format("20060102"), 10, 64)
	return n
}

// base is the commit that since names, or empty if it names none. For auto it is where
// the branch left main or, on main itself, the last commit that is at least a day older
// than HEAD. If a clone does not reach back so far, it is the clone's oldest commit. If
// there is only one commit, base is empty: there is nothing to compare with.
func (h history) base(since string) (string, error) {
	if since == "" {
		return "", nil
	}
	if since != "auto" {
		return h.git("rev-parse", "--verify", since+"^{commit}")
	}
	head, err := h.git("rev-parse", "HEAD")
	if err != nil {
		return "", nil //nolint:nilerr // there is no history to look into
	}
	for _, main := range []string{"origin/HEAD", "origin/main", "main"} {
		if left, err := h.git("merge-base", main, "HEAD"); err == nil && left != head {
			return left, nil
		}
	}
	made, err := h.git("show", "--no-patch", "--format=%ct", "HEAD")
	if err != nil {
		return "", err
	}
	seconds, err := strconv.ParseInt(made, 10, 64)
	if err != nil {
		return "", fmt.Errorf("time of HEAD: %w", err)
	}
	dayBefore := strconv.FormatInt(seconds-24*60*60, 10)
	base, err := h.git("rev-list", "-1", "--before="+dayBefore, "HEAD")
	if err != nil || base != "" {
		return base, err
	}
	roots, err := h.git("rev-list", "--max-parents=0", "HEAD")
	if oldest, _, _ := strings.Cut(roots, "\n"); err == nil && oldest != head {
		return oldest, nil
	}
	return "", err
}

// mark sets Changed for the mutants in functions and variables that were nowhere in the
// module at base as they are now. Comments and line breaks do not count, nor does the
// file in which a function is.
func (h history) mark(base string, sources []*source, all []*mutant) error {
	known, err := h.declared(base)
	if err != nil {
		return err
	}
	changed := map[[2]string]bool{}
	for _, s := range sources {
		for _, f := range s.files {
			for where, text := range declarations(f.ast, s.fset, f.text) {
				if !known[where+" "+text] {
					changed[[2]string{s.rel(f), where}] = true
				}
			}
		}
	}
	for _, m := range all {
		m.Changed = changed[[2]string{m.File, m.Func}]
	}
	return nil
}

// declared are the functions and variables of all Go files at a commit.
func (h history) declared(commit string) (map[string]bool, error) {
	text, err := h.git("archive", "--format=tar", commit)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for files := tar.NewReader(strings.NewReader(text)); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return known, nil
		}
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", commit, err)
		}
		if !strings.HasSuffix(header.Name, ".go") || strings.HasSuffix(header.Name, "_test.go") {
			continue
		}
		source, err := io.ReadAll(files)
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", commit, err)
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, header.Name, source, parser.SkipObjectResolution)
		if err != nil {
			continue // a file that did not parse then has nothing to compare with
		}
		for where, text := range declarations(tree, fset, source) {
			known[where+" "+text] = true
		}
	}
}

// declarations are the tokens of each function and variable in a file, by the name that
// mutants have in Func.
func declarations(tree *ast.File, fset *token.FileSet, source []byte) map[string]string {
	all := map[string]string{}
	add := func(where string, n ast.Node) {
		all[where] += tokens(source[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset])
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			d.Doc = nil // Pos would be that of the comment
			add(funcName(d), d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					v.Doc, v.Comment = nil, nil
					add("var "+v.Names[0].Name, v)
				}
			}
		}
	}
	return all
}

// tokens is source without comments, blanks and line breaks.
func tokens(source []byte) string {
	var b strings.Builder
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), source, nil, 0)
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON || text == "":
			text = tok.String()
		}
		b.WriteString(text + " ")
	}
}
