//go:build race

package sim_test

// rounds is how often a model is tried with random events. Under the race detector that
// is slow, and a Device starts nothing that could race.
const rounds = 1
