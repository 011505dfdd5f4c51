package main

import (
	"os"
	"runtime"
)

// fewestProcessors is how many processors Go is told of at least where a fleet is served.
const fewestProcessors = 2

// addProcessor has Go count with one processor more where the program may use one only,
// unless the environment variable GOMAXPROCS says how many there are. Whoever reads the
// fleet's socket waits in the kernel. With a single processor Go takes it away from there
// every 20 µs, hands it to another thread, and looks every 20 µs whether it has to; with
// two it leaves both alone, and wakes 10 ms later.
func addProcessor() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < fewestProcessors {
		runtime.GOMAXPROCS(fewestProcessors)
	}
}
