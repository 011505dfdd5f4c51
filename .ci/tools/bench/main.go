//go:build linux

// Bench measures ocfsim side by side with what it is to be compared with: a raw echo in C
// and in Go, the servers of go-coap and libcoap, sendmmsg alone, the DTLS library alone.
//
//	go run -C .ci/tools ./bench                   every row, and the tables are shown
//	go run -C .ci/tools ./bench -only get,post    some rows
//	go run -C .ci/tools ./bench -list             the rows
//	go run -C .ci/tools ./bench -docs             every row, and docs/benchmarks.md is written
//
// Programs under measurement run on one processor and the load on another, so others that
// run at the same time spoil the figures: a row during which that happened is marked.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command does what the arguments of the program say.
func command(args []string) error {
	if len(args) > 0 && args[0] == "serve" {
		return serve(args[1:])
	}
	o := usual()
	f := flag.NewFlagSet("bench", flag.ExitOnError)
	only := f.String("only", "", "measure only these `rows`, separated by commas")
	list := f.Bool("list", false, "list the rows and measure nothing")
	docs := f.Bool("docs", false, "write docs/benchmarks.md and what belongs to it")
	out := f.String("out", "", "write the page, the samples and the plots to this `directory`")
	product := f.String("ocfsim", "", "measure this `program` instead of the one built from the repository")
	f.IntVar(&o.rounds, "rounds", o.rounds, "how often everything is measured")
	f.DurationVar(&o.span, "span", o.span, "how long a load is kept up")
	f.IntVar(&o.devices, "devices", o.devices, "`Devices` of a fleet that requests go to")
	f.IntVar(&o.observers, "observers", o.observers, "how many `observers` are told")
	f.IntVar(&o.found, "found", o.found, "`Devices` that one multicast request goes to")
	f.IntVar(&o.sessions, "sessions", o.sessions, "how many DTLS `sessions` live at once")
	f.IntVar(&o.moving, "moving", o.moving, "the most `Devices` of -sizes that are put in motion")
	f.IntVar(&o.rate, "rate", o.rate, "requests a second of the open loop")
	f.Func("sizes", "`numbers` of Devices for the growth, in their order (default 1000 to 10000000 by tens)", o.readSizes)
	if err := f.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(rows(), *only)
	switch {
	case err != nil:
		return err
	case *list:
		for _, w := range chosen {
			fmt.Printf("%-10s %s\n", w.name, w.title)
		}
		return nil
	case *docs && *only != "":
		return errors.New("-docs is a page of all rows, so -only can't be used with it")
	}
	if err := o.validate(); err != nil {
		return err
	}
	b, end, err := newBench(o, "../..", *product)
	if err != nil {
		return err
	}
	defer end()
	if *docs {
		*out = filepath.Join(b.top, "docs")
	}
	p, err := b.run(os.Stderr, chosen)
	if err != nil {
		return err
	}
	return p.write(os.Stdout, *out)
}

func (o *settings) readSizes(text string) error {
	o.sizes = nil
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no number of Devices", part)
		}
		o.sizes = append(o.sizes, n)
	}
	slices.Sort(o.sizes)
	return nil
}

// rows are all that there is to measure, in the order of the page.
func rows() []row {
	return []row{
		rowGet(), rowPost(), rowNotify(), rowObservers(), rowOpen(), rowIdle(), rowMotion(), rowDiscovery(), rowSessions(), rowVirtual(),
	}
}

// choose returns the rows that only names, in the order of all.
func choose(all []row, only string) ([]row, error) {
	if only == "" {
		return all, nil
	}
	names := strings.Split(only, ",")
	chosen := slices.DeleteFunc(slices.Clone(all), func(w row) bool { return !slices.Contains(names, w.name) })
	for _, name := range names {
		if !slices.ContainsFunc(all, func(w row) bool { return w.name == name }) {
			return nil, fmt.Errorf("there is no row %q; -list names them", name)
		}
	}
	return chosen, nil
}

// newBench prepares the measurements: it builds the product, unless program names it, and takes one processor for the
// load. end removes what was made.
func newBench(o settings, top, program string) (b *bench, end func(), err error) {
	b = &bench{settings: o, goBench: goBench, product: program, given: program != ""}
	if b.top, err = filepath.Abs(top); err != nil {
		return nil, nil, err
	}
	if b.self, err = os.Executable(); err != nil {
		return nil, nil, err
	}
	if b.allCPUs, err = processors(); err != nil {
		return nil, nil, err
	}
	b.serverCPUs, b.loadCPU = b.allCPUs[:1], b.allCPUs[len(b.allCPUs)-1:]
	if b.scratch, err = os.MkdirTemp("", "ocfsim-bench"); err != nil {
		return nil, nil, err
	}
	end = func() { _ = os.RemoveAll(b.scratch) }
	if b.product == "" {
		b.product = filepath.Join(b.scratch, "ocfsim")
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", b.product, "./cmd/ocfsim")
		cmd.Dir = b.top
		if text, err := cmd.CombinedOutput(); err != nil {
			end()
			return nil, nil, fmt.Errorf("go build ./cmd/ocfsim: %w\n%s", err, text)
		}
	}
	return b, end, nil
}

// run measures rows and tells on log how it gets on.
func (b *bench) run(log io.Writer, chosen []row) (*report, error) {
	p := &report{settings: b.settings, product: b.version()}
	var err error
	if p.machine, err = thisMachine(len(b.allCPUs)); err != nil {
		return nil, err
	}
	if len(b.allCPUs) == 1 {
		fmt.Fprintln(log, "bench: there is one processor only, which the programs under measurement share with the load")
	}
	p.others = beside()
	if err := pinAll(b.loadCPU); err != nil {
		return nil, err
	}
	defer func() { _ = pinAll(b.allCPUs) }()
	for _, w := range chosen {
		fmt.Fprintf(log, "bench: %s\n", w.title)
		m, err := b.measure(w)
		if err != nil { // all others would be lost with it
			fmt.Fprintf(log, "bench: once more, because of %v\n", err)
			m, err = b.measure(w)
		}
		if err != nil {
			return nil, err
		}
		if n := m.results.crowd.dropped; n > 0 {
			m.results.note(fmt.Sprintf("Receive buffers on this machine, those of other programs among them, had no room for %d datagrams meanwhile.", n))
		}
		for _, why := range m.results.missing {
			fmt.Fprintf(log, "bench: not measured: %s\n", why)
		}
		if m.results.crowd.loaded() {
			fmt.Fprintf(log, "bench: loaded: %v\n", m.results.crowd)
		}
		p.rows = append(p.rows, m)
	}
	return p, nil
}

// measure measures a row.
func (b *bench) measure(w row) (m measured, err error) {
	m.row = w
	before := usageNow()
	if err := w.run(b, &m.results); err != nil {
		return m, fmt.Errorf("%s: %w", w.name, err)
	}
	m.results.crowd = usageNow().since(before, len(b.allCPUs))
	return m, nil
}

// version is the commit of the repository that the product was built from.
func (b *bench) version() string {
	if b.given {
		return version(b.product, "--version") + ", a program that was given"
	}
	cmd := exec.Command("git", "describe", "--always", "--dirty", "--exclude", "*")
	cmd.Dir = b.top
	text, err := cmd.Output()
	if err != nil {
		return "of an unknown commit"
	}
	return "commit " + strings.TrimSpace(string(text))
}

// beside names the programs that the product is measured against, with their versions.
func beside() []string {
	var all []string
	if file, err := exec.LookPath("gcc"); err == nil {
		all = append(all, version(file, "--version"))
	}
	if file, err := libcoapServer(); err == nil {
		all = append(all, "libcoap, "+version(file, "-?"))
	}
	return append(all, "go-coap "+moduleVersion("github.com/plgd-dev/go-coap/v3"))
}

// write shows the page, or writes it with its samples and plots to a directory.
func (p *report) write(w io.Writer, dir string) error {
	if dir == "" {
		p.markdown(w)
		return nil
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), p.plots(dir)); err != nil {
		return err
	}
	var page, samples strings.Builder
	p.markdown(&page)
	p.benchstat(&samples)
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "benchmarks.md"), []byte(page.String()), 0o644),
		os.WriteFile(filepath.Join(dir, "benchmarks.txt"), []byte(samples.String()), 0o644),
	)
}
