package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
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
	for _, other := range operators[n.Op] {
		x.instead(n, op, left+" "+other+" "+right)
	}
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

// number notes the neighbours of a constant as mutants. For -1, which stands for
// "nothing", they are 0 and 1: a smaller number would mean nothing as well.
func (x *finder) number(n ast.Expr) {
	v := x.info.Types[n].Value
	if v == nil || v.Kind() != constant.Int {
		return
	}
	one := constant.MakeInt64(1)
	if constant.Compare(v, token.EQL, constant.MakeInt64(-1)) {
		x.instead(n, "constant", "0")
		x.instead(n, "constant", "1")
		return
	}
	x.instead(n, "constant", constant.BinaryOp(v, token.ADD, one).ExactString())
	b, ok := x.info.Types[n].Type.Underlying().(*types.Basic)
	if less := constant.BinaryOp(v, token.SUB, one); constant.Sign(less) >= 0 || ok && b.Info()&types.IsUnsigned == 0 {
		x.instead(n, "constant", less.ExactString())
	}
}

// named notes as mutants the next constant of the same type, and for true and false the
// other one.
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
		for _, other := range x.swaps[id.Name] {
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
