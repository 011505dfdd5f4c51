package main

import (
	"os"
	"runtime/debug"
)

// memoryAimed is how much memory a run of the suite is to take, in bytes. The collector
// works harder as the program comes near, and no harder than that before. A run that needs
// more gets more.
const memoryAimed = 336 << 20

// aimAtMemory has the collector keep to memoryAimed, unless the environment variable
// GOMEMLIMIT says what to keep to.
func aimAtMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryAimed)
	}
}
