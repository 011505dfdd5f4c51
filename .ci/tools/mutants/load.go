package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// source is the package whose mutants are made, type-checked.
type source struct {
	module string // the directory that go commands run in
	path   string // import path
	name   string
	dir    string
	files  []*file
	fset   *token.FileSet
	info   *types.Info
	types  *types.Package
	from   types.Importer
}

// file is one Go file of it that is no test.
type file struct {
	name string // base name
	text []byte
	ast  *ast.File
}

type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
	DepOnly                       bool
}

// load reads and type-checks the package that pattern names in module. What it
// imports is taken from the build cache.
func load(module, pattern string) (*source, error) {
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Name,Dir,Export,GoFiles,DepOnly", pattern)
	cmd.Dir, cmd.Stderr = module, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", pattern, err)
	}
	exports := map[string]string{}
	var own *listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list %s: %w", pattern, err)
		}
		exports[l.ImportPath] = l.Export
		if !l.DepOnly {
			if own != nil {
				return nil, fmt.Errorf("%s names more than one package", pattern)
			}
			own = &l
		}
	}
	if own == nil {
		return nil, fmt.Errorf("%s names no package", pattern)
	}
	s := &source{module: module, path: own.ImportPath, name: own.Name, dir: own.Dir, fset: token.NewFileSet()}
	s.from = importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, name := range own.GoFiles {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, &file{name: name, text: text, ast: tree})
	}
	s.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
	}
	var trees []*ast.File
	for _, f := range s.files {
		trees = append(trees, f.ast)
	}
	s.types, err = (&types.Config{Importer: s.from}).Check(s.path, s.fset, trees, s.info)
	return s, err
}

// text is the source of node n in f.
func (s *source) text(f *file, n ast.Node) string {
	return string(f.text[s.offset(n.Pos()):s.offset(n.End())])
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }
