package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// expression notes the mutants of n itself, and reports whether to look inside n.
func (x *finder) expression(n ast.Expr) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if x.info.Types[n].Value != nil {
			return false
		}
		x.binary(n)
	case *ast.UnaryExpr:
		return x.unary(n)
	case *ast.BasicLit:
		if n.Kind == token.INT {
			x.number(n)
		}
	case *ast.Ident:
		x.named(n, n, "")
	case *ast.SelectorExpr:
		if id, ok := n.X.(*ast.Ident); ok {
			if _, ok := x.info.Uses[id].(*types.PkgName); ok {
				x.named(n, n.Sel, id.Name+".")
			}
		}
		if id, ok := n.X.(*ast.Ident); ok && id != nil {
			return false
		}
	case *ast.CallExpr:
		x.call(n)
	case *ast.SliceExpr:
		x.slice(n)
	}
	return true
}

// operators are those that a mutant puts in the place of a binary operator.
var operators = map[token.Token][]string{
	token.LSS: {"<=", ">="}, token.LEQ: {"<", ">"}, token.GTR: {">=", "<="}, token.GEQ: {">", "<"},
	token.EQL: {"!="}, token.NEQ: {"=="},
	token.ADD: {"-"}, token.SUB: {"+"}, token.MUL: {"/"}, token.QUO: {"*"}, token.REM: {"*"},
	token.AND: {"|"}, token.OR: {"&"}, token.XOR: {"&"}, token.AND_NOT: {"&"}, token.SHL: {">>"}, token.SHR: {"<<"},
	token.LAND: {"||"}, token.LOR: {"&&"},
}

func (x *finder) binary(n *ast.BinaryExpr) {
	left, right := x.text(x.file, n.X), x.text(x.file, n.Y)
	op := "comparison"
	switch n.Op {
	case token.LAND, token.LOR:
		op = "logic"
		x.instead(n, op, left)
		x.instead(n, op, right)
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ:
	default:
		op = "arithmetic"
		if !x.isNumber(n) {
			return
		}
	}
	others := operators[n.Op]
	if strings.HasPrefix(others[0], n.Op.String()[:1]) && x.apart(n.X, n.Y) {
		others = others[1:] // < alone, without <=
	}
	for _, other := range others {
		x.instead(n, op, left+" "+other+" "+right)
	}
}

// apart reports whether a and b are fields that index entries of different
// kinds: they are never equal, so that < says no more than <= does.
func (x *finder) apart(a, b ast.Expr) bool {
	of, with := x.kindsOf(a), x.kindsOf(b)
	return len(of) > 0 && len(with) > 0 && !slices.ContainsFunc(of, func(kind string) bool { return slices.Contains(with, kind) })
}

func (x *finder) kindsOf(e ast.Expr) []string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	t := x.info.Types[sel.X].Type
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	return x.known.kinds[named.Obj().Name()+"."+sel.Sel.Name]
}

func (x *finder) unary(n *ast.UnaryExpr) bool {
	switch {
	case n.Op == token.NOT, n.Op == token.SUB && x.info.Types[n].Value == nil:
		x.instead(n, "negation", x.text(x.file, n.X))
	case n.Op == token.SUB:
		x.number(n)
		return false
	case n.Op == token.XOR && x.info.Types[n].Value != nil:
		return false
	}
	return true
}

// number notes the neighbours of a constant, 0 and 1 of -1: below it there is
// no other kind of nothing. It leaves out what is the comparison's own mutant.
func (x *finder) number(n ast.Expr) {
	v := x.info.Types[n].Value
	if v == nil || v.Kind() != constant.Int {
		return
	}
	one := constant.MakeInt64(1)
	above, below := x.compared(n)
	if constant.Compare(v, token.EQL, constant.MakeInt64(-1)) {
		if !above {
			x.instead(n, "constant", "0")
		}
		x.instead(n, "constant", "1")
		return
	}
	if !above {
		x.instead(n, "constant", constant.BinaryOp(v, token.ADD, one).ExactString())
	}
	b, ok := x.info.Types[n].Type.Underlying().(*types.Basic)
	if less := constant.BinaryOp(v, token.SUB, one); !below && (constant.Sign(less) >= 0 || ok && b.Info()&types.IsUnsigned == 0) {
		x.instead(n, "constant", less.ExactString())
	}
}

// compared reports whether n, an integer constant about to be visited, is
// compared so that the constant above it, or below it, makes the same mutant as
// another operator: i < 4 is i <= 3.
func (x *finder) compared(n ast.Expr) (above, below bool) {
	p, ok := x.parent(0).(*ast.BinaryExpr)
	if !ok {
		return false, false
	}
	op := p.Op
	if n == p.X {
		op = map[token.Token]token.Token{token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ}[op]
	}
	return op == token.LSS || op == token.GEQ, op == token.GTR || op == token.LEQ
}

// named notes the next constant of the same type, and the other truth value.
func (x *finder) named(n ast.Expr, id *ast.Ident, prefix string) {
	c, ok := x.info.Uses[id].(*types.Const)
	if !ok {
		return
	}
	if c.Parent() == types.Universe {
		if other, ok := map[string]string{"true": "false", "false": "true"}[id.Name]; ok {
			x.instead(n, "constant", other)
		}
		return
	}
	if _, ok := c.Type().(*types.Named); !ok {
		return
	}
	if next := neighbour(c); next != nil {
		x.instead(n, "constant", prefix+next.Name())
	}
}

// neighbour is the next constant of c's type that is declared after c, or else the first
// one.
func neighbour(c *types.Const) *types.Const {
	var first, next *types.Const
	for _, name := range c.Pkg().Scope().Names() {
		o, ok := c.Pkg().Scope().Lookup(name).(*types.Const)
		if !ok || !types.Identical(o.Type(), c.Type()) || constant.Compare(o.Val(), token.EQL, c.Val()) || !o.Exported() && c.Exported() {
			continue
		}
		if first == nil || o.Pos() < first.Pos() {
			first = o
		}
		if o.Pos() > c.Pos() && (next == nil || o.Pos() < next.Pos()) {
			next = o
		}
	}
	if next == nil {
		return first
	}
	return next
}

// call notes what may replace a call: max for min and min for max, a function that the
// flags name, or the operand that has the type of the result.
func (x *finder) call(n *ast.CallExpr) {
	t := x.info.Types[n].Type
	if t == nil || x.info.Types[n.Fun].IsType() || x.info.Types[n].Value != nil {
		return
	}
	id, _ := n.Fun.(*ast.Ident)
	args := strings.TrimPrefix(x.text(x.file, n), x.text(x.file, n.Fun))
	if id != nil {
		for _, other := range x.known.swaps[id.Name] {
			x.instead(n, "swap", other+args)
		}
	}
	if operand := x.operand(n, t); operand != nil && !x.ownAppend(n) {
		x.instead(n, "unwrapped", x.text(x.file, operand))
	}
}

// operand is the receiver or the only argument that has the type of the result, or nil.
func (x *finder) operand(n *ast.CallExpr, t types.Type) ast.Expr {
	if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
		if of := x.info.Types[sel.X]; of.IsValue() && types.Identical(of.Type, t) {
			return sel.X
		}
	}
	if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "min" || id.Name == "max") {
		return nil
	}
	if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "append" {
		return n.Args[0]
	}
	var found ast.Expr
	for _, a := range n.Args {
		if at := x.info.Types[a]; at.Value == nil && at.Type != nil && types.Identical(at.Type, t) {
			if found != nil {
				return nil
			}
			found = a
		}
	}
	return found
}

// ownAppend reports whether n is the append in all = append(all, x). Replacing it by all
// would be the same mutant as leaving out the statement.
func (x *finder) ownAppend(n *ast.CallExpr) bool {
	as, ok := x.parent(0).(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 || len(n.Args) == 0 {
		return false
	}
	id, ok := n.Fun.(*ast.Ident)
	return ok && id.Name == "append" && x.text(x.file, as.Lhs[0]) == x.text(x.file, n.Args[0])
}

func (x *finder) slice(n *ast.SliceExpr) {
	if n.Slice3 {
		return
	}
	text := func(e ast.Expr) string {
		if e == nil {
			return ""
		}
		return x.text(x.file, e)
	}
	of := x.text(x.file, n.X)
	if n.Low != nil {
		x.instead(n, "slice", of+"[:"+text(n.High)+"]")
	}
	if n.High != nil {
		x.instead(n, "slice", of+"["+text(n.Low)+":]")
	}
}
