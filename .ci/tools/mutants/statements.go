package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

const gone = "(left out)"

// statement notes the mutants of n itself, but not of what is inside it.
func (x *finder) statement(n ast.Stmt) {
	switch n := n.(type) {
	case *ast.IfStmt:
		x.condition(n.Cond, "if ")
	case *ast.ForStmt:
		if n.Cond != nil {
			x.note(n.Cond, "bool", "condition", "false", "for "+x.text(x.file, n.Cond), "for false")
		}
	case *ast.CaseClause:
		x.cases(n)
	}
	if !x.inList(n) {
		return
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		x.assignment(n)
	case *ast.IncDecStmt:
		x.leaveOut(n)
		other := map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok]
		x.become(n, "arithmetic", x.text(x.file, n.X)+other)
	case *ast.ExprStmt:
		x.leaveOut(n)
	case *ast.BranchStmt:
		if n.Tok == token.CONTINUE || n.Tok == token.BREAK {
			x.leaveOut(n)
		}
	case *ast.RangeStmt:
		x.note(n, "", "statement", "", x.header(n), gone)
	case *ast.ReturnStmt:
		x.returned(n)
	}
}

// header is the first line of a loop.
func (x *finder) header(n *ast.RangeStmt) string {
	head, _, _ := strings.Cut(x.text(x.file, n), "{\n")
	return head + "{}"
}

// inList reports whether n, which is about to be visited, is in a list of statements.
// Anywhere else it can't be wrapped in an if.
func (x *finder) inList(n ast.Stmt) bool {
	switch p := x.parent(0).(type) {
	case *ast.BlockStmt, *ast.CommClause:
		return true
	case *ast.CaseClause:
		return len(p.Body) > 0 && n.Pos() >= p.Body[0].Pos()
	}
	return false
}

func (x *finder) leaveOut(n ast.Stmt) {
	x.note(n, "", "statement", "", x.text(x.file, n), gone)
}

func (x *finder) become(n ast.Stmt, op, text string) {
	x.note(n, "", op, text, x.text(x.file, n), text)
}

func (x *finder) condition(cond ast.Expr, word string) {
	for _, always := range []string{"true", "false"} {
		x.note(cond, "bool", "condition", always, word+x.text(x.file, cond), word+always)
	}
}

// cases notes the mutants of a case: in a switch without a tag its conditions are
// changed, in one with a tag its values are left out.
func (x *finder) cases(n *ast.CaseClause) {
	sw, ok := x.parent(1).(*ast.SwitchStmt)
	if !ok {
		return
	}
	for _, e := range n.List {
		if sw.Tag == nil {
			x.condition(e, "case ")
			continue
		}
		t := x.info.Types[e].Type
		if t == nil || x.info.Types[e].Value == nil {
			continue
		}
		typ, ok := x.typeText(types.Default(t))
		if b, isBasic := t.Underlying().(*types.Basic); ok && isBasic {
			other := "mutants_number(" + typ + "("
			if b.Info()&types.IsString != 0 {
				other = "mutants_text(" + typ + "("
			}
			text := x.text(x.file, e)
			x.note(e, typ, "case", other+text+"))", "case "+text, gone)
		}
	}
}

func (x *finder) assignment(n *ast.AssignStmt) {
	if n.Tok == token.DEFINE || allBlank(n.Lhs) {
		return
	}
	x.leaveOut(n)
	if other, ok := assignments[n.Tok]; ok && x.isNumber(n.Lhs[0]) {
		x.become(n, "arithmetic", x.text(x.file, n.Lhs[0])+" "+other+" "+x.text(x.file, n.Rhs[0]))
	}
}

var assignments = map[token.Token]string{
	token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+=", token.MUL_ASSIGN: "/=", token.QUO_ASSIGN: "*=",
	token.AND_ASSIGN: "|=", token.OR_ASSIGN: "&=", token.XOR_ASSIGN: "&=", token.AND_NOT_ASSIGN: "&=",
	token.SHL_ASSIGN: ">>=", token.SHR_ASSIGN: "<<=",
}

func allBlank(list []ast.Expr) bool {
	for _, e := range list {
		if id, ok := e.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}

func (x *finder) isNumber(e ast.Expr) bool {
	t := x.info.Types[e].Type
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

// returned notes the mutants of a return: one inside an if is left out, one with values
// returns zeros, unless it does so already, and one with a bool returns the opposite.
func (x *finder) returned(n *ast.ReturnStmt) {
	if in, ok := x.parent(1).(*ast.IfStmt); ok && in.Else == nil {
		x.leaveOut(n)
	}
	results := x.results()
	if len(n.Results) == 0 || results == nil || results.Len() != len(n.Results) {
		return
	}
	var zeros []string
	already := true
	for i := range results.Len() {
		zero, ok := x.zero(results.At(i).Type())
		if !ok {
			return
		}
		zeros = append(zeros, zero)
		already = already && (x.text(x.file, n.Results[i]) == zero || x.neverSet(n.Results[i]))
	}
	if len(n.Results) == 1 && zeros[0] == "false" {
		switch n.Results[0].(type) {
		case *ast.Ident, *ast.CallExpr:
			if text := x.text(x.file, n.Results[0]); text != "true" && text != "false" {
				x.become(n, "negation", "return !"+text)
			}
		}
		return
	}
	if !already {
		x.become(n, "zero", "return "+strings.Join(zeros, ", "))
	}
}

// neverSet reports whether e is a result of the function that has a name, and that its
// body does nothing with but return it: it is zero wherever it is returned.
func (x *finder) neverSet(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	f, ok := x.function().(*ast.FuncDecl)
	if !ok {
		return false
	}
	result := x.info.Uses[id]
	if v, ok := result.(*types.Var); !ok || v.Kind() != types.ResultVar {
		return false
	}
	unset, returned := true, map[ast.Expr]bool{}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, r := range n.Results {
				returned[r] = true
			}
		case *ast.Ident:
			unset = unset && (returned[n] || x.info.Uses[n] != result)
		}
		return unset
	})
	return unset
}

// results are the types that the innermost function returns.
func (x *finder) results() *types.Tuple {
	switch f := x.function().(type) {
	case *ast.FuncLit:
		return x.info.Types[f].Type.(*types.Signature).Results()
	case *ast.FuncDecl:
		return x.info.Defs[f.Name].Type().(*types.Signature).Results()
	}
	return nil
}

// function is the innermost function around the node that is visited, or nil if there
// is none.
func (x *finder) function() ast.Node {
	for i := len(x.stack) - 1; i >= 0; i-- {
		switch f := x.stack[i].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return f
		}
	}
	return nil
}

func (x *finder) zero(t types.Type) (string, bool) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "false", true
		case u.Info()&types.IsString != 0:
			return `""`, true
		}
		return "0", true
	case *types.Struct, *types.Array:
		text, ok := x.typeText(t)
		return text + "{}", ok
	}
	return "nil", true
}
