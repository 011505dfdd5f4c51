//go:build !unix

package main

import (
	"os"
	"syscall"
)

// endings are the signals that interrupt a command: ^C, and a console that is
// closed.
func endings() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }
