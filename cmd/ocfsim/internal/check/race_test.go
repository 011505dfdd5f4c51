//go:build race

package check_test

// spared is how many Devices are left out under the race detector for each one that
// is checked: they differ only in their state machines, which have no goroutines.
// Without the race detector every Device is checked.
const spared = 9
