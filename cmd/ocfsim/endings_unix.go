//go:build unix

package main

import (
	"os"
	"syscall"
)

// endings are the signals that interrupt a command: ^C, kill, a terminal that is
// closed, and a reader of the output who is gone. Writing to him fails then, so the
// command ends with an error.
func endings() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
}
