package main

import (
	"os"
	"runtime"
)

// twoProcessors lets Go run on two processors where it sees one only, unless the environment
// has GOMAXPROCS. Whoever reads a socket is mostly in the kernel. With one processor Go takes
// it away from him after 20 µs, which costs four switches of threads for each batch of
// packets; with a second one that is idle it leaves him alone (docs/adr/0157).
func twoProcessors() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
}
