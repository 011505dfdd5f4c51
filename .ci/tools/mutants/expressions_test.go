package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// made are the mutants of a function of one file, as -list prints them.
func made(t *testing.T, c config, text, function string) []string {
	t.Helper()
	var out bytes.Buffer
	c.module, c.out, c.list = module(t, map[string]string{"m.go": text}), &out, true
	c.choice.only = " " + function + ": "
	if _, err := run(c); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, line := range lines {
		_, change, _ := strings.Cut(line, function+": ")
		lines[i], _, _ = strings.Cut(change, " (")
	}
	slices.Sort(lines)
	return lines
}

func wantMade(t *testing.T, got []string, of string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", of, got, want)
	}
}

// An integer below 4 is at most 3: the constant's mutant that is the operator's
// as well is made once.
func TestAMutantIsMadeOnce(t *testing.T) {
	for comparison, want := range map[string][]string{
		"n < 4":  {"4 => 3", "n < 4 => n <= 4", "n < 4 => n >= 4"},
		"n >= 4": {"4 => 3", "n >= 4 => n > 4", "n >= 4 => n < 4"},
		"n > 4":  {"4 => 5", "n > 4 => n >= 4", "n > 4 => n <= 4"},
		"n <= 4": {"4 => 5", "n <= 4 => n < 4", "n <= 4 => n > 4"},
		"4 > n":  {"4 => 3", "4 > n => 4 >= n", "4 > n => 4 <= n"},
		"4 <= n": {"4 => 3", "4 <= n => 4 < n", "4 <= n => 4 > n"},
		"4 < n":  {"4 => 5", "4 < n => 4 <= n", "4 < n => 4 >= n"},
		"4 >= n": {"4 => 5", "4 >= n => 4 > n", "4 >= n => 4 < n"},
		"n == 4": {"4 => 3", "4 => 5", "n == 4 => n != 4"},
		"n < -1": {"-1 => 1", "n < -1 => n <= -1", "n < -1 => n >= -1"},
		"n > -1": {"-1 => 0", "-1 => 1", "n > -1 => n >= -1", "n > -1 => n <= -1"},
		"f < 4":  {"f < 4 => f <= 4", "f < 4 => f >= 4"}, // of what is no integer there is no next constant
	} {
		got := made(t, toy(nil), "package m\n\nfunc F(n int, f float64) bool { return "+comparison+" }\n", "F")
		wantMade(t, got, comparison, want...)
	}
}

// Entries of different kinds have different indices: < is not made <= between
// two fields that are known to have no kind in common, and between all others it is.
func TestEntriesOfDifferentKindsAreNeverTheSame(t *testing.T) {
	const text = `package m

type question struct{ n, end, rank int }

type answer struct{ n, rank int }

func F(q *question, a answer) bool { return COMPARISON }
`
	c := toy(nil)
	c.known.kinds = pairs("question.n=asked,question.end=told,question.end=lost,answer.n=told")
	for comparison, want := range map[string][]string{
		"q.n < a.n":       {"q.n < a.n => q.n >= a.n"},
		"a.n >= q.n":      {"a.n >= q.n => a.n < q.n"},
		"q.end < a.n":     {"q.end < a.n => q.end <= a.n", "q.end < a.n => q.end >= a.n"},
		"q.n < q.n":       {"q.n < q.n => q.n <= q.n", "q.n < q.n => q.n >= q.n"},
		"q.n < a.rank":    {"q.n < a.rank => q.n <= a.rank", "q.n < a.rank => q.n >= a.rank"},
		"q.rank > a.rank": {"q.rank > a.rank => q.rank >= a.rank", "q.rank > a.rank => q.rank <= a.rank"},
		"q.n == a.n":      {"q.n == a.n => q.n != a.n"},
	} {
		got := made(t, c, strings.ReplaceAll(text, "COMPARISON", comparison), "F")
		wantMade(t, got, comparison, want...)
	}
}

// A named result that the function only returns is zero: to return zero instead changes
// nothing.
func TestWhatIsReturnedAsZeroAlready(t *testing.T) {
	for body, want := range map[string][]string{
		"return n, false": {"false => true"},
		"if ok { return n, false }; return 1, false":      {"if ok => if true", "if ok => if false", "return n, false =>", "false => true", "return 1, false => return 0, false", "1 => 0", "1 => 2", "false => true #2"},
		"n = 2; return n, false":                          {"n = 2 =>", "2 => 1", "2 => 3", "return n, false => return 0, false", "false => true"},
		"p := &n; *p = 2; return n, false":                {"*p = 2 =>", "2 => 1", "2 => 3", "return n, false => return 0, false", "false => true"},
		"defer func() { n = 2 }(); return n, false":       {"n = 2 =>", "2 => 1", "2 => 3", "return n, false => return 0, false", "false => true"},
		"if n := 2; ok { return n, false }; return n, ok": {"2 => 1", "2 => 3", "if ok => if true", "if ok => if false", "return n, false =>", "return n, false => return 0, false", "false => true", "return n, ok => return 0, false"},
	} {
		got := made(t, toy(nil), "package m\n\nfunc F() (n int, ok bool) { "+body+" }\n", "F")
		wantMade(t, got, body, want...)
	}
}
