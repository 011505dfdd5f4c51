package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// target is one fuzz target of the module.
type target struct {
	name string // FuzzPacket
	pkg  string // its import path
}

// targets are the fuzz targets of the module in a folder, in a lasting order.
func targets(ctx context.Context, module string) ([]target, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = module
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []target
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath, Dir           string
			TestGoFiles, XTestGoFiles []string
		}
		if err := in.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		for _, file := range slices.Concat(pkg.TestGoFiles, pkg.XTestGoFiles) {
			names, err := fuzzed(filepath.Join(pkg.Dir, file))
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				all = append(all, target{name, pkg.ImportPath})
			}
		}
	}
	slices.SortFunc(all, func(a, b target) int { return strings.Compare(a.pkg+"."+a.name, b.pkg+"."+b.name) })
	return all, nil
}

// fuzzed are the names of the fuzz targets in a file: functions FuzzX of a *testing.F.
func fuzzed(file string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Fuzz") || fn.Type.Params.NumFields() != 1 {
			continue
		}
		if star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr); ok {
			if of, ok := star.X.(*ast.SelectorExpr); ok && of.Sel.Name == "F" {
				names = append(names, fn.Name.Name)
			}
		}
	}
	return names, nil
}

// share are the targets that are fuzzed on a day. Seven days in a row have each target
// once.
func share(all []target, day time.Time) []target {
	const week = 7
	var some []target
	for i := int(day.Unix()/int64(24*time.Hour/time.Second)) % week; i < len(all); i += week {
		some = append(some, all[i])
	}
	return some
}

// named are the targets with this name.
func named(all []target, name string) []target {
	return slices.DeleteFunc(slices.Clone(all), func(t target) bool { return t.name != name })
}
