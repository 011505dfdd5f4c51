package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// bench runs the tests of the woven package. Nothing is written but in dir.
type bench struct {
	dir    string // a temporary one
	source *source
	binary string
	tests  []*test
	grace  time.Duration
}

// test is one of the package's tests, with what it took and reached when no
// mutant was active.
type test struct {
	name  string
	took  time.Duration // of processor time
	hits  map[int]bool
	parts []part // of a test that takes long and has subtests
	kills int
}

// part is a subtest, with what it reached.
type part struct {
	name string
	hits map[int]bool
}

// long is the processor time from which on a test is run in parts.
const long = 300 * time.Millisecond

// build compiles the tests over the woven package.
func build(s *source, w *woven, dir string) (*bench, error) {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	w.files[supportTestName] = strings.Replace(supportTest, "PACKAGE", s.name, 1)
	for name, text := range w.files {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		overlay.Replace[filepath.Join(s.dir, name)] = file
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, text, 0o600); err != nil {
		return nil, err
	}
	b := &bench{dir: dir, source: s, binary: filepath.Join(dir, "tests.exe")}
	cmd := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", b.binary, s.path)
	cmd.Dir = s.module
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return b, nil
}

// measure runs every test without a mutant: all have to pass. Those that take
// longer than the limit, or whose names skip matches, are left out.
func (b *bench) measure(limit time.Duration, skip *regexp.Regexp) (left []string, err error) {
	names, _, err := b.run(time.Minute, nil, "-test.list", "^(Test|Fuzz|Example)")
	if err != nil {
		return nil, fmt.Errorf("list of tests: %w\n%s", err, names)
	}
	hits := filepath.Join(b.dir, "hits")
	for name := range strings.FieldsSeq(names) {
		if skip != nil && skip.MatchString(name) {
			left = append(left, name)
			continue
		}
		out, took, err := b.run(10*time.Minute, []string{"MUTANTS_HITS=" + hits}, "-test.run", "^"+name+"$")
		if err != nil {
			return nil, fmt.Errorf("%s fails without any mutant: %w\n%s", name, err, out)
		}
		t := &test{name: name, took: took, hits: map[int]bool{}}
		if t.took > limit {
			left = append(left, name)
			continue
		}
		text, err := os.ReadFile(hits)
		if err != nil {
			return nil, err
		}
		for id := range strings.FieldsSeq(string(text)) {
			n, _ := strconv.Atoi(id)
			t.hits[n] = true
		}
		if t.took > long {
			if err := b.divide(t); err != nil {
				return nil, err
			}
		}
		b.tests = append(b.tests, t)
	}
	return left, nil
}

var subtest = regexp.MustCompile(`(?m)^=== RUN +\w+/(\w+)$`)

// divide finds the subtests of t and what each reaches.
func (b *bench) divide(t *test) error {
	listed, _, err := b.run(10*time.Minute, nil, "-test.v", "-test.run", "^"+t.name+"$")
	if err != nil {
		return fmt.Errorf("%s fails without any mutant: %w\n%s", t.name, err, listed)
	}
	var names []string
	for _, m := range subtest.FindAllStringSubmatch(listed, -1) {
		names = append(names, m[1])
	}
	reached, _, err := b.run(10*time.Minute, []string{"MUTANTS_PARTS=" + t.name + "/" + strings.Join(names, "|")})
	if err != nil {
		return fmt.Errorf("parts of %s: %w\n%s", t.name, err, reached)
	}
	for line := range strings.Lines(reached) {
		ids, ok := strings.CutPrefix(strings.TrimSpace(line), "part ")
		if !ok {
			continue
		}
		words := strings.Fields(ids)
		p := part{words[0], map[int]bool{}}
		for _, id := range words[1:] {
			n, _ := strconv.Atoi(id)
			p.hits[n] = true
		}
		t.parts = append(t.parts, p)
	}
	return nil
}

// reaching is t as the process is asked for it: with those parts that reach
// the site, or whole where none does.
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

// limit is how long t may take on a busy machine before it is said not to end.
func (b *bench) limit(t *test) time.Duration { return b.grace + 30*t.took }

// run starts the test binary where go test would. It took so much processor time.
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
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=2"), env...)
	return cmd
}
