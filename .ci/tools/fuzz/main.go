// Fuzz fuzzes some of the module's fuzz targets for a while: today's share of them, so
// that a run each day would fuzz each once a week. Which they are follows from the date alone,
// and a new target is among them by itself. It says how to run a crasher again, and ends
// with 1 if there is one.
//
//	go run -C .ci/tools ./fuzz                   # today's share, 30 s each, side by side
//	go run -C .ci/tools ./fuzz -on 2026-11-29    # the share of another day
//	go run -C .ci/tools ./fuzz -only FuzzPacket -for 10m
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"time"
)

// patience is how long a target may take beside its fuzzing: to be compiled for it.
const patience = 10 * time.Minute

func main() {
	module := flag.String("module", "../..", "the folder of the module")
	lasting := flag.Duration("for", 30*time.Second, "how long each target is fuzzed")
	on := flag.String("on", time.Now().UTC().Format(time.DateOnly), "the `day` whose share is fuzzed")
	only := flag.String("only", "", "fuzz the target with this `name` instead")
	flag.Parse()
	day, err := time.Parse(time.DateOnly, *on)
	if err != nil || flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "fuzz: -on %s: expected a day such as 2026-11-29, and no arguments\n", *on)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	all, err := targets(ctx, *module)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(2)
	}
	some := share(all, day)
	if *only != "" {
		some = named(all, *only)
	}
	if len(some) == 0 {
		fmt.Fprintf(os.Stderr, "fuzz: no target named %q, and none for %s\n", *only, *on)
		os.Exit(2)
	}
	fmt.Printf("%d of %d targets, those of %s: go run -C .ci/tools ./fuzz -on %s\n", len(some), len(all), day.Weekday(), *on)
	crashed := fuzzAll(ctx, *module, some, *lasting, os.Stdout)
	stop()
	if crashed {
		os.Exit(1)
	}
}

// fuzzAll fuzzes the targets side by side and reports whether one crashed or could not
// be fuzzed.
func fuzzAll(ctx context.Context, module string, some []target, lasting time.Duration, w io.Writer) (crashed bool) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, t := range some {
		wg.Go(func() {
			said, err := t.fuzz(ctx, module, lasting)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				fmt.Fprintf(w, "ok    %s %s: %s\n", t.name, t.pkg, lastFigures(said))
				return
			}
			crashed = true
			fmt.Fprintf(w, "FAIL  %s %s: %v\n%s\n", t.name, t.pkg, err, said)
			fmt.Fprintf(w, "To fuzz it again: go run -C .ci/tools ./fuzz -only %s\n", t.name)
			fmt.Fprintln(w, "If a crasher stands in testdata/fuzz above, `go run -C .ci/tools ./seeds` keeps it as a seed; then mend the code.")
		})
	}
	wg.Wait()
	return crashed
}

// fuzz fuzzes t with one worker, because others are fuzzed beside it.
func (t target) fuzz(ctx context.Context, module string, lasting time.Duration) (said []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, lasting+patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", lasting.String(), "-parallel", "1", t.pkg)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return cmd.CombinedOutput()
}

// lastFigures is the last line in which Go says how much was tried.
func lastFigures(said []byte) string {
	figures := "nothing was tried"
	for line := range bytes.Lines(said) {
		if _, after, ok := strings.Cut(strings.TrimSpace(string(line)), "execs: "); ok {
			figures = "execs: " + after
		}
	}
	return figures
}
