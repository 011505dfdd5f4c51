//go:build !linux

// Bench measures ocfsim side by side with others, on Linux only: it sends and receives by
// vectors of datagrams, and reads /proc.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: Linux is needed")
	os.Exit(1)
}
