package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// bench runs the tests of one woven package. It writes only to dir.
type bench struct {
	dir    string // a temporary directory
	source *source
	binary string
	grace  time.Duration
	begins map[int]bool // sites that are reached before any test begins
}

// test is one of the tests, with the time that it took and the sites that it reached when
// no mutant was active.
type test struct {
	bench *bench
	name  string
	took  time.Duration // processor time
	hits  map[int]bool
	parts []part // the subtests of a test that takes long
	kills int
}

// title is the name of t in messages.
func (t *test) title() string { return t.bench.source.name + "." + t.name }

// part is a subtest, with the sites that it reached.
type part struct {
	name string
	hits map[int]bool
}

// long is the processor time above which the subtests of a test are run one by one.
const long = 300 * time.Millisecond

// binaries is the directory with the test binaries, inside the directory of a run.
const binaries = "binaries"

// build writes the woven packages to dir and compiles the tests over them.
func build(w *woven, dir string) error {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	add := func(at, name, text string) error {
		file := filepath.Join(dir, strconv.Itoa(len(overlay.Replace))+"-"+name)
		overlay.Replace[filepath.Join(at, name)] = file
		return os.WriteFile(file, []byte(text), 0o600)
	}
	module, err := filepath.Abs(w.packages[0].module)
	if err != nil {
		return err
	}
	if err := add(filepath.Join(module, switchDir), "switch.go", switchText); err != nil {
		return err
	}
	args := []string{"test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", filepath.Join(dir, binaries) + "/"}
	for _, p := range w.packages {
		for name, text := range p.files {
			if err := add(p.dir, name, text); err != nil {
				return err
			}
		}
		args = append(args, p.path)
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), text, 0o600); err != nil {
		return err
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}

// measure runs every test without a mutant, several at a time; all have to pass. left are
// the names of tests that are left out, since they take longer than the limit or match skip.
func measure(w *woven, dir string, by selection, workers int) (h *hunt, left []string, err error) {
	var skip *regexp.Regexp
	if by.skip != "" {
		if skip, err = regexp.Compile(by.skip); err != nil {
			return nil, nil, err
		}
	}
	var all []*test
	for _, p := range w.packages {
		b := &bench{dir: dir, source: p.source, binary: filepath.Join(dir, binaries, filepath.Base(p.path)+".test"), grace: by.grace}
		names, err := b.list()
		if err != nil {
			return nil, nil, err
		}
		for _, name := range names {
			all = append(all, &test{bench: b, name: name})
		}
	}
	errs := make([]error, len(all))
	var group sync.WaitGroup
	places := make(chan struct{}, workers)
	for i, t := range all {
		if skip != nil && skip.MatchString(t.name) {
			continue
		}
		places <- struct{}{}
		group.Go(func() {
			errs[i] = t.measure(by.slow)
			<-places
		})
	}
	group.Wait()
	h = &hunt{}
	for _, t := range all {
		if t.hits == nil {
			left = append(left, t.title())
			continue
		}
		h.tests = append(h.tests, t)
	}
	return h, left, errors.Join(errs...)
}

// list returns the names of the tests, and notes which sites are reached before any of
// them begins.
func (b *bench) list() ([]string, error) {
	hits := filepath.Join(b.dir, b.source.name+".begins")
	names, _, err := b.run(time.Minute, []string{"MUTANTS_HITS=" + hits}, "-test.list", "^(Test|Fuzz|Example)")
	if err != nil {
		return nil, fmt.Errorf("list of tests: %w\n%s", err, names)
	}
	b.begins, err = readHits(hits)
	return strings.Fields(names), err
}

// measure notes how long t takes and which sites it reaches. If t takes longer than the
// limit, it notes nothing.
func (t *test) measure(limit time.Duration) error {
	hits := filepath.Join(t.bench.dir, t.title()+".hits")
	out, took, err := t.bench.run(10*time.Minute, []string{"MUTANTS_HITS=" + hits}, "-test.run", "^"+t.name+"$")
	if err != nil {
		return fmt.Errorf("%s fails without any mutant: %w\n%s", t.title(), err, out)
	}
	if t.took = took; took > limit {
		return nil
	}
	if t.hits, err = readHits(hits); err != nil || took < long {
		return err
	}
	return t.divide()
}

func readHits(file string) (map[int]bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	hits := map[int]bool{}
	for id := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		hits[n] = true
	}
	return hits, nil
}

var subtest = regexp.MustCompile(`(?m)^=== RUN +\w+/(\w+)$`)

// divide finds the subtests of t and the sites that each one reaches.
func (t *test) divide() error {
	listed, _, err := t.bench.run(10*time.Minute, nil, "-test.v", "-test.run", "^"+t.name+"$")
	if err != nil {
		return fmt.Errorf("%s fails without any mutant: %w\n%s", t.title(), err, listed)
	}
	var names []string
	for _, m := range subtest.FindAllStringSubmatch(listed, -1) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		return nil
	}
	reached, _, err := t.bench.run(10*time.Minute, []string{"MUTANTS_PARTS=" + t.name + "/" + strings.Join(names, "|")})
	if err != nil {
		return fmt.Errorf("parts of %s: %w\n%s", t.title(), err, reached)
	}
	for line := range strings.Lines(reached) {
		ids, ok := strings.CutPrefix(strings.TrimSpace(line), "part ")
		if !ok {
			continue
		}
		words := strings.Fields(ids)
		p := part{words[0], maps.Clone(t.bench.begins)}
		for _, id := range words[1:] {
			n, _ := strconv.Atoi(id)
			p.hits[n] = true
		}
		t.parts = append(t.parts, p)
	}
	return nil
}

// reaching names t for the test process: with the parts that reach the site, or as a whole
// if none of them does.
func (t *test) reaching(site int) string {
	var names []string
	for _, p := range t.parts {
		if p.hits[site] {
			names = append(names, p.name)
		}
	}
	if len(names) == 0 {
		return t.name
	}
	return t.name + "/" + strings.Join(names, "|")
}

// limit is how long t may take, on a busy machine, before it counts as one that does not
// end.
func (t *test) limit() time.Duration { return t.bench.grace + 30*t.took }

// run runs the test binary in the folder in which go test would. took is the processor
// time.
func (b *bench) run(limit time.Duration, env []string, args ...string) (out string, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := b.command(ctx, env, args...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	err = cmd.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if cmd.ProcessState != nil {
		took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return text.String(), took, err
}

func (b *bench) command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.binary, args...)
	cmd.Dir, cmd.WaitDelay = b.source.dir, time.Second
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=2", "GOGC=400"), env...)
	return cmd
}
