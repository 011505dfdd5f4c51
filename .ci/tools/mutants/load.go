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
	"strings"
)

// source is a type-checked package of which mutants are made.
type source struct {
	module string // the directory that go commands run in
	root   string // the module's import path
	path   string // import path
	name   string
	dir    string
	files  []*file
	fset   *token.FileSet
	info   *types.Info
	types  *types.Package
	from   types.Importer
}

// file is a Go file of a package, but not a test.
type file struct {
	name string // base name
	text []byte
	ast  *ast.File
}

// rel is the path of f from the module's directory, as messages show it.
func (s *source) rel(f *file) string {
	return strings.TrimPrefix(strings.TrimPrefix(s.path, s.root)+"/"+f.name, "/")
}

type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
	DepOnly                       bool
	Module                        struct{ Path string }
}

// load reads and type-checks the packages that patterns name in module. The packages that
// they import come from the build cache.
func load(module string, patterns []string) ([]*source, error) {
	args := append([]string{"list", "-deps", "-export", "-json=ImportPath,Name,Dir,Export,GoFiles,DepOnly,Module"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = module, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd, err)
	}
	exports := map[string]string{}
	var own []*listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", cmd, err)
		}
		exports[l.ImportPath] = l.Export
		if !l.DepOnly {
			own = append(own, &l)
		}
	}
	if len(own) == 0 {
		return nil, fmt.Errorf("%q name no package", patterns)
	}
	var all []*source
	for _, l := range own {
		s, err := check(module, l, exports)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// check reads and type-checks one package.
func check(module string, l *listed, exports map[string]string) (*source, error) {
	s := &source{module: module, root: l.Module.Path, path: l.ImportPath, name: l.Name, dir: l.Dir, fset: token.NewFileSet()}
	s.from = importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var trees []*ast.File
	for _, name := range l.GoFiles {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, &file{name: name, text: text, ast: tree})
		trees = append(trees, tree)
	}
	s.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
	}
	var err error
	s.types, err = (&types.Config{Importer: s.from}).Check(s.path, s.fset, trees, s.info)
	return s, err
}

// text is the source of node n in f.
func (s *source) text(f *file, n ast.Node) string {
	return string(f.text[s.offset(n.Pos()):s.offset(n.End())])
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }
