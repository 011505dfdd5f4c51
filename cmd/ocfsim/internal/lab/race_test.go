//go:build race

package lab_test

// spared is how many Devices are left out under the race detector for each one that
// is tried: they differ only in their state machines, which have no goroutines, and
// a run takes six times as long.
const spared = 19

// heldAtMost is more than without the race detector, which keeps memory of its own: it
// was 724 kB when this was written.
const heldAtMost = 940_000
