// Package toy is for the test of mutants: some of what it does is tested well,
// some badly, and some not at all.
package toy

// A Grade is how good something is.
type Grade string

// The grades there are.
const (
	Good Grade = "good"
	Bad  Grade = "bad"
)

// Judge is tested at the boundary.
func Judge(n int) Grade {
	if n < 10 {
		return Bad
	}
	return Good
}

// Sum is tested with one number, so what is beyond the first may be anything.
func Sum(all []int) int {
	sum := 0
	for _, n := range all {
		sum += n
	}
	return sum
}

// Wait ends, unless it is mutated.
func Wait(n int) {
	for n > 0 {
		n--
	}
}

// Cut is tested with what can't be cut further.
func Cut(s string, n int) string { return s[:n] }

// First panics where it is mutated to look into nothing.
func First(all []int) (int, bool) {
	if len(all) == 0 {
		return 0, false
	}
	return all[0], true
}

// Unused is reached by no test.
func Unused(a, b bool) bool { return a && !b }

// limit is evaluated before any test runs.
var limit = 3

// Limited is tested on both sides of limit.
func Limited(n int) bool { return n > limit }

// steps are made before any test runs.
var steps = makeSteps(3)

func makeSteps(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i+2)
	}
	return all
}

// Step is tested with one number.
func Step(n int) int { return steps[n] }

// Slow is what a test computes once and keeps.
func Slow() int { return 7 }

// More is tested together with what is kept of Slow.
func More(n int) bool { return n > 0 }

// Elsewhere is tested by another package alone.
func Elsewhere(n int) bool { return n == 3 }
