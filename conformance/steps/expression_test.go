package steps

import (
	"strings"
	"testing"
)

func TestExpression(t *testing.T) {
	tests := []struct {
		expr string
		tags string
		want bool
	}{
		{"", "", true},
		{"@a", "@a @b", true},
		{"@a", "@ab", false},
		{"not @a", "@b", true},
		{"not not @a", "@a", true},
		{"@a or @b", "@b", true},
		{"@a and @b", "@b", false},
		{"@a and @b or @c", "@c", true},
		{"@a and (@b or @c)", "@c", false},
		{"@c or @a and @b", "@c", true},
		{"not (@a or @b)", "@c", true},
		{"not @a or @b", "@a @b", true},
		{"(@a)and(@b)", "@a @b", true},
		{"@needs:gate and not @SVV-6", "@needs:gate", true},
	}
	for _, tt := range tests {
		e, err := parseExpression(tt.expr)
		if err != nil {
			t.Errorf("%q: %v", tt.expr, err)
			continue
		}
		if got := e.holds(strings.Fields(tt.tags)); got != tt.want {
			t.Errorf("%q of %q is %v, want %v", tt.expr, tt.tags, got, tt.want)
		}
	}
}

func TestExpressionErrors(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"a", `column 1: expected a @tag, not or (, got "a"`},
		{"@a @b", `column 4: expected and, or or the end, got "@b"`},
		{"@a or", `column 6: expected a @tag, not or (, got the end`},
		{"@a,@b", `column 1: expected a @tag, not or (, got "@a,@b"`},
		{"@a,", `column 1: expected a @tag, not or (, got "@a,"`},
		{"@a && @b", `column 4: expected and, or or the end, got "&&"`},
		{"~@a", `column 1: expected a @tag`},
		{"(@a", `column 4: expected and, or or ), got the end`},
		{"@a)", `column 3: expected and, or or the end, got ")"`},
		{"()", `column 2: expected a @tag`},
		{"not", `column 4: expected a @tag, not or (, got the end`},
		{"@", `column 1: expected a @tag`},
		{"@a OR @b", `column 4: expected and, or or the end, got "OR"`},
	}
	for _, tt := range tests {
		if _, err := parseExpression(tt.expr); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.expr, err, tt.want)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"@a and (@b or not @c)", "((", "not", "@a)"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		if e, err := parseExpression(text); err == nil {
			e.holds([]string{"@a"})
		}
	})
}
