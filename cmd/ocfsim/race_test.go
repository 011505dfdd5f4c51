//go:build race

package main

// spared are the scripts that the race detector passes over: they run whole
// suites in virtual time, or one command after the other, and the packages
// behind them are watched by their own tests. Without it every one is run.
var spared = []string{"argue.txtar", "deviants.txtar", "explore.txtar", "list.txtar", "no-green.txtar"}
