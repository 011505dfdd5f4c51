// Mutants changes packages in many small ways, one at a time, and runs their tests. If no
// test fails, the mutant survives: no test needs the line as it is.
//
//	go run -C .ci/tools ./mutants [flags]
//
// All mutants are compiled into the test binaries at once, and only one of them is awake
// at a time. A test process tries many mutants, and runs for each the tests that reach
// it. The work tree is not touched.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

type config struct {
	module   string
	packages []string
	choice   choice
	bounds   bounds
	tests    selection
	known    known
	json     string // file for what became of every mutant
	again    string // file that an earlier run wrote
	keep     string // directory that the woven packages are left in
	list     bool
	verbose  bool

	out, diagnostics io.Writer
}

func main() {
	c := config{out: os.Stdout, diagnostics: os.Stderr}
	var packages, swaps, kinds string
	flag.StringVar(&c.module, "module", "../..", "`directory` of the module")
	flag.StringVar(&packages, "packages", "", "the packages, `a,b,...`, from the directory of the module; the tests of each are run against mutants of all (default: those of the judges)")
	flag.StringVar(&swaps, "swaps", "min=max,max=min,passed=broken,broken=passed", "functions that may stand for another, `a=b,...`")
	flag.StringVar(&kinds, "kinds", judgesKinds, "fields that index a record, `Type.field=kind,...`, with each kind of entry that they may point at: < between two that have no kind in common is not made <=, since they never are equal")
	c.choice.flags(flag.CommandLine)
	c.bounds.flags(flag.CommandLine)
	c.tests.flags(flag.CommandLine)
	flag.StringVar(&c.json, "json", "", "write the outcome of every mutant to this `file`")
	flag.StringVar(&c.again, "again", "", "do not try again what the run that wrote this JSON `file` has killed")
	flag.StringVar(&c.keep, "keep", "", "leave the woven packages, their overlay and the test binaries in this `directory`")
	flag.BoolVar(&c.list, "list", false, "list the mutants and run nothing")
	flag.BoolVar(&c.verbose, "v", false, "print the outcome of every mutant")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "mutants: unexpected %q; name packages with -packages\n", flag.Args())
		os.Exit(2)
	}
	c.packages, c.known = packagesOf(c.module, packages), known{swaps: pairs(swaps), kinds: pairs(kinds)}
	ok, err := run(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// bounds say when a run has tried enough mutants, and when it has failed.
type bounds struct {
	threshold float64 // percent
	within    time.Duration
	extend    time.Duration
	workers   int
}

func (b *bounds) flags(f *flag.FlagSet) {
	f.Float64Var(&b.threshold, "threshold", 90, "fail where the share of killed mutants is below so many `percent`, by more than chance explains")
	f.DurationVar(&b.within, "within", 0, "stop trying mutants after this `time`; 0: try all")
	f.DurationVar(&b.extend, "extend", 0, "go on for so much `time` beyond -within while changed functions wait, or while the share of the others is below the threshold")
	f.IntVar(&b.workers, "workers", runtime.GOMAXPROCS(0), "run so `many` test processes at a time")
}

// selection says which tests are run, and how long one may take.
type selection struct {
	skip        string
	slow, grace time.Duration
}

func (s *selection) flags(f *flag.FlagSet) {
	f.StringVar(&s.skip, "skip", "", "leave out tests whose name matches this `regexp`")
	f.DurationVar(&s.slow, "slow", 3*time.Second, "leave out tests that take more processor `time` than this")
	f.DurationVar(&s.grace, "grace", 5*time.Second, "let a test take this `time` and 30 times what it takes without a mutant; after that it counts as one that does not end")
}

// run is the whole program. ok says that enough mutants were killed.
func run(c config) (ok bool, err error) {
	sources, err := load(c.module, c.packages)
	if err != nil {
		return false, err
	}
	w, err := weaveAll(sources, c.known)
	if err != nil {
		return false, err
	}
	p, err := c.choice.plan(sources, w.mutants)
	if err != nil {
		return false, err
	}
	if err := p.believe(c.again); err != nil {
		return false, err
	}
	if c.list {
		return true, c.listOnly(w, p)
	}
	if len(p.order)+len(p.known) == 0 {
		return false, fmt.Errorf("no mutants in %s", strings.Join(c.packages, " "))
	}
	if err := w.thin(p, c.choice.weave); err != nil {
		return false, err
	}
	fmt.Fprintf(c.out, "%d mutants, %d of them in functions that differ from %s; seed %d\n", len(w.mutants), p.changed, p.baseName(), p.seed)
	before, err := state(c.module)
	if err != nil {
		return false, err
	}
	if err := c.kill(w, p); err != nil {
		return false, err
	}
	after, err := state(c.module)
	if err != nil {
		return false, err
	}
	if after != before {
		return false, fmt.Errorf("files of %s changed meanwhile, so the outcome is worth nothing: run it again", c.module)
	}
	return c.report(conclude(p))
}

// listOnly prints the mutants in the order in which they would be tried.
func (c config) listOnly(w *woven, p *plan) error {
	for _, m := range p.order {
		fmt.Fprintf(c.out, "%s (%s)\n", m.key(), m.Op)
	}
	if c.json != "" {
		if err := (outcome{Seed: p.seed, Base: p.base, Mutants: p.order}).writeJSON(c.json); err != nil {
			return err
		}
	}
	if c.keep != "" {
		if err := os.MkdirAll(c.keep, 0o755); err != nil {
			return err
		}
		return build(w, c.keep)
	}
	return nil
}

// kill tries the mutants of p, in their order, until c's bounds are reached.
func (c config) kill(w *woven, p *plan) error {
	dir, remove, err := c.scratch()
	if err != nil {
		return err
	}
	defer remove()
	if err := build(w, dir); err != nil {
		return err
	}
	h, left, err := measure(w, dir, c.tests, c.bounds.workers)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.diagnostics, "%d mutants do not compile; %d tests; left out as slow or by -skip: %s\n",
		w.dropped, len(h.tests), strings.Join(left, " "))
	t := newTally(p, c.bounds)
	return h.judgeAll(p.order, c.bounds.workers, func(m *mutant) (goOn bool) {
		if t.count(m); t.tried%500 == 0 {
			fmt.Fprintf(c.diagnostics, "%d of %d after %v\n", t.tried, len(p.order), t.elapsed().Round(time.Second))
		}
		return t.goOn()
	})
}

// scratch returns the directory that the mutants are compiled in, and a function that
// removes it.
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

// packagesOf are the packages that text names. If it names none, they are those that
// judge: the record, the rules for Devices and for Clients, and the assessment, as far as they
// exist.
func packagesOf(module, text string) []string {
	if text != "" {
		return strings.Split(text, ",")
	}
	judges := []string{"./conformance", "./conformance/judge", "./conformance/assess", "./conformance/client"}
	return slices.DeleteFunc(judges, func(dir string) bool {
		_, err := os.Stat(module + "/" + dir)
		return err != nil
	})
}

// judgesKinds are the fields of the judges, of Devices and then of Clients, that index a
// Timeline, with the kinds of Observation that each may point at. "none" is the kind of a field that may be
// never, the index after all of them: two of these can be equal.
const judgesKinds = "write.n=request,write.n=session,write.end=answer,write.end=session,write.end=none," +
	"Sample.N=answer,Sample.N=notification,Sample.Since=request," +
	"planWrite.n=request,planWrite.end=answer,planWrite.end=none,planLook.n=answer,planLook.n=notification," +
	"sourceReport.n=source,grant.n=condition,gate.from=condition,gate.upto=condition,gate.upto=none,gate.opened=condition,gate.opened=none," +
	"disturbance.heldUpto=condition,disturbance.heldUpto=none," +
	"request.n=request,request.heard=answer,request.heard=message,request.heard=none,request.answer=answer,request.answer=none," +
	"told.n=notification,told.taken=message,told.taken=none,state.n=state," +
	"watch.from=answer,watch.over=request,watch.over=answer,watch.over=notification,watch.over=message,watch.over=condition,watch.over=session,watch.over=none," +
	"process.from=state,process.to=state,process.to=none"

// pairs are the values of each name in a=b,...
func pairs(text string) map[string][]string {
	all := map[string][]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if a, b, ok := strings.Cut(pair, "="); ok {
			all[a] = append(all[a], b)
		}
	}
	return all
}
