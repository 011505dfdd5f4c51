//go:build race

package main

// spared are the scripts that are not run under the race detector. They run whole
// suites in virtual time, or one command after the other, and the packages behind
// them have tests of their own that run under it. Without it every script is run.
var spared = []string{"argue.txtar", "deviants.txtar", "explore.txtar", "list.txtar", "no-green.txtar", "test-exit.txtar", "test-target.txtar"}
