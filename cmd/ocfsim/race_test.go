//go:build race

package main

// spared are the scripts that are not run under the race detector. They run whole
// suites in virtual time, or one command after the other, and the packages behind
// them have tests of their own that run under it. Without it every script is run.
var spared = []string{
	"argue.txtar", "blocks.txtar", "bundle.txtar", "capture.txtar", "check.txtar", "deviants.txtar", "dies.txtar", "explore.txtar",
	"front-door.txtar", "init.txtar", "list.txtar", "no-green.txtar", "secured.txtar", "test-exit.txtar", "test-same.txtar",
	"test-secured.txtar", "test-target.txtar",
}
