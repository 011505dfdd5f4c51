//go:build race

package lab_test

// spared is how many Devices the race detector passes over for each that it
// watches: they differ in their state machines alone, which have no goroutine,
// and cost it six times as much. Without it every one is tried.
const spared = 9
