//go:build race

package counter_test

// spared is how many seeds the race detector passes over for each that it
// watches: they go through the same goroutines, at six times the cost.
const spared = 31
