//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"
)

// TestMain lets the program of the tests be the servers that a measurement starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// tiny is enough to see that everything works.
func tiny() settings {
	return settings{
		rounds: 1, span: 20 * time.Millisecond, devices: 300, observers: 200, found: 200,
		sizes: []int{100, 200, 1000}, moving: 1000, rate: 2000,
	}
}

// said is what the benchmarks of the packages print.
const said = `goos: linux
BenchmarkSessionMemory-2   1  900000000 ns/op  41000 B/session  30000 B/pion-session  4.0 goroutines/session  3.0 goroutines/pion-session
BenchmarkHandshakes-2      1  900000000 ns/op  900 handshakes/s  0.95 of-pion
BenchmarkSecureGet-2       9  900000 ns/op  9000 gets/s  0.9 of-pion
BenchmarkCheck-2       90000  2000 ns/op  13 B/op  0 allocs/op
BenchmarkFleet-2           2  900000000 ns/op  300000 event/s  9000 B/op
PASS
`

// saying is goBench without compiling anything.
func saying(_ *bench, pkg, pattern string, _ int) ([]byte, error) {
	var out strings.Builder
	wanted := regexp.MustCompile("^Benchmark(" + pattern + ")-")
	for line := range strings.Lines(said) {
		if wanted.MatchString(line) {
			out.WriteString(line)
		}
	}
	if out.Len() == 0 {
		return nil, errors.New(pkg + " has no such benchmark")
	}
	return []byte(out.String()), nil
}

// measuredTiny is a run of all rows at tiny size.
func measuredTiny(t *testing.T) *report {
	t.Helper()
	b, end, err := newBench(tiny(), "../../..", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	b.goBench = saying
	p, err := b.run(io.Discard, rows())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryRow measures everything at tiny size: every column of every table has a figure,
// every program is there or said to be missing, the samples are what benchstat reads, and
// the page of the repository has the form of the one that is made here.
func TestEveryRow(t *testing.T) {
	p := measuredTiny(t)
	for i := range p.rows {
		checkRow(t, &p.rows[i])
	}
	dir := t.TempDir()
	if err := p.write(io.Discard, dir); err != nil {
		t.Fatal(err)
	}
	for _, g := range growths() {
		if text, err := os.ReadFile(filepath.Join(dir, g.file)); err != nil || !strings.Contains(string(text), "</svg>") {
			t.Errorf("%s: %.80s, error %v", g.file, text, err)
		}
	}
	checkSamples(t, filepath.Join(dir, "benchmarks.txt"))
	made, err := os.ReadFile(filepath.Join(dir, "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	checkPage(t, string(made))
}

func checkRow(t *testing.T, m *measured) {
	t.Helper()
	r := &m.results
	if len(r.missing) > 0 {
		t.Logf("%s: not measured: %v", m.name, r.missing)
	}
	if len(r.samples) == 0 && len(r.missing) == 0 {
		t.Errorf("%s has no samples, and nothing is said to be missing", m.name)
	}
	subjects := r.subjects()
	for _, by := range m.ratios {
		if slices.Contains(subjects, by.base) || by.base == "100k" || anyHas(r.missing, by.base) {
			continue
		}
		t.Errorf("%s: %s is not among %v, and not said to be missing", m.name, by.base, subjects)
	}
	for _, u := range m.units {
		if len(r.samples) > 0 && !slices.ContainsFunc(subjects, func(s string) bool { _, ok := r.median(s, u.name); return ok }) {
			t.Errorf("%s: no sample has %s", m.name, u.name)
		}
	}
	for _, g := range m.goals {
		known := slices.ContainsFunc(m.units, func(u unit) bool { return u.name == g.unit }) ||
			slices.ContainsFunc(m.ratios, func(by ratio) bool { return by.head == g.unit })
		if !known {
			t.Errorf("%s: the goal %q is about %q, which is not measured", m.name, g.what, g.unit)
		}
	}
}

func anyHas(texts []string, part string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, part) })
}

// checkSamples reads the samples as benchstat does.
func checkSamples(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	names := map[string]bool{}
	for r := benchfmt.NewReader(f, file); r.Scan(); {
		switch line := r.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Errorf("benchstat can't read it: %v", line)
		case *benchfmt.Result:
			base, _ := line.Name.Parts()
			names[string(base)] = true
		}
	}
	for _, w := range rows() {
		name := strings.ToUpper(w.name[:1]) + w.name[1:]
		if w.name != "discovery" && !names[name] { // which only root can measure
			t.Errorf("no sample of %s among %v", name, slices.Sorted(maps.Keys(names)))
		}
	}
}

// form is what stays of a page without its figures: headings, texts, heads of the tables,
// and the goals.
func form(page string) []string {
	var kept []string
	section := ""
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		cells := strings.Split(line, "|")
		switch {
		case strings.HasPrefix(line, "## "):
			section = line
			kept = append(kept, line)
		case section == "## The machine" || line == "" || strings.HasPrefix(line, "**") || strings.HasPrefix(line, "*"):
		case section == "## Goals" && len(cells) > 3:
			kept = append(kept, cells[1]+"|"+cells[2])
		case strings.HasPrefix(line, "| |") || !strings.HasPrefix(line, "|"):
			kept = append(kept, line)
		}
	}
	return kept
}

// checkPage compares the form of the page in docs with the one made.
func checkPage(t *testing.T, made string) {
	t.Helper()
	page, err := os.ReadFile("../../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	want, got := form(made), form(string(page))
	for i := range max(len(want), len(got)) {
		var w, g string
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			t.Fatalf("docs/benchmarks.md is not what the program writes: it has %q instead of %q; run: go run -C .ci/tools ./bench -docs", g, w)
		}
	}
}

// TestBenchmarksOfThePackages checks that the benchmarks exist that are run by name.
func TestBenchmarksOfThePackages(t *testing.T) {
	for dir, pattern := range map[string]string{
		"sim/fleet": sessionBenchmarks, "sim": checkBenchmark, "cmd/ocfsim/internal/bubble": fleetBenchmark,
	} {
		files, err := filepath.Glob(filepath.Join("../../..", dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
		for name := range strings.SplitSeq(pattern, "|") {
			if !strings.Contains(all.String(), "func Benchmark"+name+"(") {
				t.Errorf("%s has no Benchmark%s", dir, name)
			}
		}
	}
}

// TestTheEchoInC checks that it compiles without a warning.
func TestTheEchoInC(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Log("gcc is not installed, so the echo in C is not compiled")
		return
	}
	cmd := exec.Command("gcc", "-O2", "-Wall", "-Wextra", "-Wno-sign-compare", "-Werror", "-o", filepath.Join(t.TempDir(), "echo"), "echo/echo.c")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
