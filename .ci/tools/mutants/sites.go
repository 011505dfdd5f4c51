package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// known is what the text of the packages does not say of them.
type known struct {
	swaps map[string][]string // by a function, those that may stand for it
	kinds map[string][]string // by a field, Type.field, the kinds of entry that it may be the index of
}

// finder collects the sites of one file.
type finder struct {
	*source
	file  *file
	known known
	where string // the function or variable
	sites map[[3]int]*site
	stack []ast.Node
	names map[string]string // import path to name
}

// find is every site of f, in the order of the text, outer ones first.
func find(s *source, f *file, k known) []*site {
	x := &finder{source: s, file: f, known: k, sites: map[[3]int]*site{}, names: map[string]string{}}
	for _, i := range f.ast.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		name := s.importName(path)
		if i.Name != nil {
			name = i.Name.Name
		}
		x.names[path] = name
	}
	for _, d := range f.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			x.where = funcName(d)
			if d.Body != nil {
				x.walk(d)
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				v := spec.(*ast.ValueSpec)
				x.where = "var " + v.Names[0].Name
				x.walk(v)
			}
		}
	}
	all := make([]*site, 0, len(x.sites))
	for _, at := range x.sites {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b *site) int {
		switch {
		case a.from != b.from:
			return a.from - b.from
		case a.upto != b.upto:
			return b.upto - a.upto
		case a.typ == "":
			return -1
		}
		return 1
	})
	return all
}

func (s *source) importName(path string) string {
	for _, p := range s.types.Imports() {
		if p.Path() == path {
			return p.Name()
		}
	}
	return ""
}

func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + d.Name.Name
	}
	return d.Name.Name
}

// walk visits root and all that is in it, except types and constants.
func (x *finder) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			x.stack = x.stack[:len(x.stack)-1]
			return false
		}
		if !x.visit(n) {
			return false
		}
		x.stack = append(x.stack, n)
		return true
	})
}

// visit notes the mutants at n and reports whether to look inside n.
func (x *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.FieldList, *ast.ArrayType, *ast.MapType, *ast.StructType, *ast.InterfaceType:
		return false
	case ast.Stmt:
		x.statement(n)
	case ast.Expr:
		if x.inKey(n) || x.info.Types[n].IsType() {
			return false
		}
		return x.expression(n)
	}
	return true
}

// inKey reports whether n is a key of a struct or an array literal, where only a name or a
// constant may stand.
func (x *finder) inKey(n ast.Node) bool {
	kv, ok := x.parent(0).(*ast.KeyValueExpr)
	if !ok || kv.Key != n {
		return false
	}
	lit, ok := x.parent(1).(*ast.CompositeLit)
	if !ok {
		return false
	}
	_, isMap := x.info.Types[lit].Type.Underlying().(*types.Map)
	return !isMap
}

// parent is the nth node around the one that is visited, or nil if there is none.
func (x *finder) parent(n int) ast.Node {
	if i := len(x.stack) - 1 - n; i >= 0 {
		return x.stack[i]
	}
	return nil
}

// instead notes a mutant that replaces n by text, an expression of the same type.
func (x *finder) instead(n ast.Expr, op, text string) {
	t := x.info.Types[n].Type
	if t == nil {
		return
	}
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	typ, ok := x.typeText(t)
	if ok {
		x.note(n, typ, op, text, x.text(x.file, n), text)
	}
}

// typeText is t as the file would write it. ok is false if the file can't name it.
func (x *finder) typeText(t types.Type) (string, bool) {
	ok := true
	text := types.TypeString(t, func(p *types.Package) string {
		if p == x.types {
			return ""
		}
		name := x.names[p.Path()]
		ok = ok && name != "" && name != "_" && name != "."
		return name
	})
	return text, ok
}

// note adds an alternative to the site of n.
func (x *finder) note(n ast.Node, typ, op, text, from, to string) {
	key := [3]int{x.offset(n.Pos()), x.offset(n.End()), 0}
	if typ == "" {
		key[2] = 1
	}
	at := x.sites[key]
	if at == nil {
		at = &site{from: key[0], upto: key[1], typ: typ}
		x.sites[key] = at
	}
	for _, a := range at.alts {
		if a.text == text {
			return
		}
	}
	m := &mutant{File: x.rel(x.file), Func: x.where, Line: x.fset.Position(n.Pos()).Line, Op: op, From: brief(from), To: brief(to)}
	at.alts = append(at.alts, alternative{text, m})
}
