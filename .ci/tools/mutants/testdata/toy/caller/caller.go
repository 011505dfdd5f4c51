// Package caller has what toy has no test of.
package caller

import "toy"

// Odd is not tested with an even number.
func Odd(n int) bool { return toy.Elsewhere(n) || n%2 != 0 }
