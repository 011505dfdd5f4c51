//go:build race

package counter_test

// spared is how many seeds are left out under the race detector for each one that is
// tried: all of them use the same goroutines, and a run takes six times as long.
const spared = 31
