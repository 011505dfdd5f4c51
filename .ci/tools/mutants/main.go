// Mutants changes a package in many small ways, one at a time, and runs its
// tests: a mutant that no test kills is a line that no test needs.
//
//	go run -C .ci/tools ./mutants [flags] [package]
//
// All mutants are compiled at once, asleep; the test binary is started once for
// each, with the tests that reach it. The work tree is not touched.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

type config struct {
	module, pattern  string
	accepted         string
	markdown, json   string
	only, skip       string
	swaps            string
	threshold        float64
	slow, grace      time.Duration
	within           time.Duration
	workers, sample  int
	keep, again, of  string
	list, verbose    bool
	out, diagnostics io.Writer
}

func main() {
	c := config{out: os.Stdout, diagnostics: os.Stderr}
	flag.StringVar(&c.module, "module", "../..", "`directory` of the module")
	flag.StringVar(&c.accepted, "accepted", "../../.ci/mutants.txt", "`file` of the survivors that are accepted, with reasons")
	flag.StringVar(&c.markdown, "markdown", "", "write the report to this `file`")
	flag.StringVar(&c.json, "json", "", "write every mutant to this `file`")
	flag.StringVar(&c.only, "only", "", "only mutants whose key matches this `regexp`")
	flag.StringVar(&c.skip, "skip", "", "leave out tests whose name matches this `regexp`")
	flag.StringVar(&c.swaps, "swaps", "min=max,max=min,passed=broken,broken=passed", "functions that may stand for another, `a=b,...`")
	flag.Float64Var(&c.threshold, "threshold", 90, "fail below this share of killed mutants, in `percent`")
	flag.DurationVar(&c.slow, "slow", 3*time.Second, "leave out tests that take more processor time than this")
	flag.DurationVar(&c.grace, "grace", 5*time.Second, "how long a test may take besides 30 times what it takes, before it is said not to end")
	flag.DurationVar(&c.within, "within", 0, "stop after this time; mutants are tried in no order, so that those tried are a fair sample")
	flag.IntVar(&c.workers, "workers", runtime.GOMAXPROCS(0), "so many test processes at a time")
	flag.IntVar(&c.sample, "sample", 1, "only every so many `th` mutant, for an estimate")
	flag.StringVar(&c.keep, "keep", "", "leave the woven package, its overlay and its test binary in this `directory`")
	flag.StringVar(&c.again, "again", "", "believe the run that wrote this JSON `file` in what it killed")
	flag.StringVar(&c.of, "of", "", "run nothing, and report what the run that wrote this JSON `file` came to")
	flag.BoolVar(&c.list, "list", false, "list the mutants and run nothing")
	flag.BoolVar(&c.verbose, "v", false, "say what becomes of every mutant")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run -C .ci/tools ./mutants [flags] [package]")
		flag.PrintDefaults()
	}
	flag.Parse()
	c.pattern = "./conformance"
	if flag.NArg() > 0 {
		c.pattern = flag.Arg(0)
	}
	ok, err := run(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run is the whole program; ok says that the share is reached and every
// survivor is on the list.
func run(c config) (ok bool, err error) {
	list, err := accepted(c.accepted)
	if err != nil {
		return false, err
	}
	if c.of != "" {
		o, err := readJSON(c.of)
		if err != nil {
			return false, err
		}
		return c.report(conclude(o.Package, o.Mutants, list))
	}
	only, err := regexp.Compile(c.only)
	if err != nil {
		return false, err
	}
	s, err := load(c.module, c.pattern)
	if err != nil {
		return false, err
	}
	w, err := weave(s, swapsOf(c.swaps))
	if err != nil {
		return false, err
	}
	known, err := killedIn(c.again)
	if err != nil {
		return false, err
	}
	var all, chosen []*mutant
	for i, m := range w.mutants {
		if !only.MatchString(m.key()) || c.sample > 1 && i%c.sample != 0 {
			continue
		}
		all = append(all, m)
		if k := known[m.key()]; k != nil {
			m.Status, m.By = k.Status, k.By
			continue
		}
		chosen = append(chosen, m)
	}
	if c.list {
		for _, m := range chosen {
			fmt.Fprintf(c.out, "%s (%s)\n", m.key(), m.Op)
		}
		if c.json != "" {
			err = conclude(s.path, chosen, list).writeJSON(c.json)
		}
		if c.keep != "" && err == nil {
			_, err = build(s, w, c.keep)
		}
		return err == nil, err
	}
	if len(all) == 0 {
		return false, fmt.Errorf("no mutants in %s", c.pattern)
	}
	before, err := state(s.module)
	if err != nil {
		return false, err
	}
	if err := c.kill(s, w, chosen); err != nil {
		return false, err
	}
	after, err := state(s.module)
	if err != nil {
		return false, err
	}
	if after != before {
		return false, fmt.Errorf("files of %s changed meanwhile: nothing can be said of the mutants", s.module)
	}
	tried := slices.DeleteFunc(slices.Clone(all), func(m *mutant) bool { return m.Status == "" })
	o := conclude(s.path, tried, list)
	if len(tried) < len(all) {
		o.Of = len(all)
		fmt.Fprintf(c.out, "%d of %d mutants tried\n", len(tried), len(all))
	}
	return c.report(o)
}

// kill runs the tests for each of chosen.
func (c config) kill(s *source, w *woven, chosen []*mutant) error {
	dir, remove, err := c.scratch()
	if err != nil {
		return err
	}
	defer remove()
	b, err := build(s, w, dir)
	if err != nil {
		return err
	}
	b.grace = c.grace
	var skip *regexp.Regexp
	if c.skip != "" {
		if skip, err = regexp.Compile(c.skip); err != nil {
			return err
		}
	}
	slow, err := b.measure(c.slow, skip)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.diagnostics, "%d mutants, %d dropped as they do not compile, %d tests, left out: %s\n",
		len(chosen), w.dropped, len(b.tests), strings.Join(slow, " "))
	started := time.Now()
	return b.judgeAll(shuffled(chosen), c.workers, func(n int) (goOn bool) {
		if n%500 == 0 {
			fmt.Fprintf(c.diagnostics, "%d of %d after %v\n", n, len(chosen), time.Since(started).Round(time.Second))
		}
		return c.within == 0 || time.Since(started) < c.within
	})
}

// shuffled are the same mutants in an order that has nothing to do with where they are.
func shuffled(all []*mutant) []*mutant {
	all = slices.Clone(all)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// scratch is the directory that the mutants live in, and what removes it.
func (c config) scratch() (dir string, remove func(), err error) {
	if c.keep != "" {
		return c.keep, func() {}, os.MkdirAll(c.keep, 0o755)
	}
	if dir, err = os.MkdirTemp("", "mutants"); err != nil {
		return "", nil, err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		os.RemoveAll(dir)
		os.Exit(130)
	}()
	return dir, func() { os.RemoveAll(dir) }, nil
}

// report prints and writes what the run came to.
func (c config) report(o outcome) (ok bool, err error) {
	for _, m := range o.Mutants {
		if c.verbose {
			fmt.Fprintf(c.out, "%s: %s %s\n", m.key(), m.Status, m.By)
		}
	}
	for _, m := range o.fresh() {
		fmt.Fprintf(c.out, "new survivor: %s (line %d, %s, %s)\n", m.key(), m.Line, m.Op, m.Status)
	}
	if c.only == "" {
		for _, key := range o.Unused {
			fmt.Fprintf(c.out, "listed, but no survivor: %s\n", key)
		}
	}
	fmt.Fprintf(c.out, "%d of %d killed: %.1f %%, %d survivors, %d of them new\n",
		o.Killed, len(o.Mutants), o.Share, len(o.Mutants)-o.Killed, len(o.fresh()))
	if c.json != "" {
		if err := o.writeJSON(c.json); err != nil {
			return false, err
		}
	}
	if c.markdown != "" {
		f, err := os.Create(c.markdown)
		if err != nil {
			return false, err
		}
		if err := o.writeMarkdown(f, c.command()); err != nil {
			return false, err
		}
		if err := f.Close(); err != nil {
			return false, err
		}
	}
	return o.Share >= c.threshold && len(o.fresh()) == 0, nil
}

// command is what the report says it was written by.
func (c config) command() string {
	command := "go run -C .ci/tools ./mutants"
	if c.of != "" {
		command += " -of RESULTS" // of one run or of several
	}
	if c.within > 0 {
		command += " -within " + c.within.String()
	}
	return command
}

func swapsOf(text string) map[string][]string {
	swaps := map[string][]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if a, b, ok := strings.Cut(pair, "="); ok {
			swaps[a] = append(swaps[a], b)
		}
	}
	return swaps
}
