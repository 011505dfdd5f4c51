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
	kills int
}

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
		b.tests = append(b.tests, t)
	}
	return left, nil
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
