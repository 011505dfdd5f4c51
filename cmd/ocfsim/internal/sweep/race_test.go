//go:build race

package sweep_test

// spared is how many Devices are left out under the race detector for each one that is
// swept: they differ only in their state machines, which have no goroutines.
const spared = 29
