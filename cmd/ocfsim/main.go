// Command ocfsim runs virtual OCF Devices and a conformance harness for the
// software update of /oic/sec/pstat.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
)

func main() {
	if !slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "--pprof") }) {
		runtime.MemProfileRate = 0 // nobody can ask for a profile of what is allocated
	}
	// What ends the program in an orderly way gives Devices back first. A signal that
	// was ignored when the program began, as nohup does with SIGHUP, stays ignored.
	ends := slices.DeleteFunc(endings(), signal.Ignored)
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
