//go:build !race

// What is run here runs in processes of its own, which no race detector watches.

package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/fixtures"
)

// The examples in docs/examples are modules of their own, as a reader's code is,
// so they can import only what anybody can import.

// TestExamples vets the examples and runs their tests.
func TestExamples(t *testing.T) {
	modules, err := filepath.Glob("../../docs/examples/*/go.mod")
	if err != nil || len(modules) < 2 {
		t.Fatalf("found %d examples, error %v", len(modules), err)
	}
	for _, m := range modules {
		dir := filepath.Dir(m)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			for _, args := range [][]string{{"vet", "./..."}, {"test", "-count=1", "./..."}} {
				if out, err := inModule(t, dir, nil, args...); err != nil {
					t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
				}
			}
		})
	}
}

// TestTheExampleFindsABadLamp gives the vendor's test a lamp that finds an update
// and does not say so: the test has to fail and show the requirement with its evidence.
func TestTheExampleFindsABadLamp(t *testing.T) {
	d, err := fixtures.Deviation("cm-v-always-0")
	if err != nil {
		t.Fatal(err)
	}
	specimen, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(lab.Config{Specimens: []lab.Specimen{specimen}, Unsecured: true, Listen: lab.Loopback})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	control := httptest.NewServer(l.Fleet().Control())
	defer control.Close()
	lamp := []string{"LAMP=" + l.Targets()[0].Profile.Endpoint, "BENCH=" + control.URL}
	out, err := inModule(t, "../../docs/examples/lamp", lamp, "test", "-count=1", ".")
	if err == nil {
		t.Fatalf("the bad lamp passes:\n%s", out)
	}
	for _, want := range []string{
		"--- FAIL: TestConformance/" + d.Breaks[0],
		"FAIL           " + d.Breaks[0],
		"    sentence   ",
		"`ocfsim test` would end with exit code 1",
		"--- FAIL: TestLamp",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the output:\n%s", want, out)
		}
	}
}

// inModule runs the go command in a module, without network, and returns what it
// printed. A go.mod or go.sum that lacks something is an error; run `go mod tidy`
// in the folder of the example to fix it.
func inModule(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	cmd.Env = append(cmd.Env, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// TestTheLibraryGuideNamesEveryPackage checks that the guide has a row for each
// package that can be imported, and mentions each one that can't.
func TestTheLibraryGuideNamesEveryPackage(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guide/library.md")
	if err != nil {
		t.Fatal(err)
	}
	_, stays, _ := strings.Cut(string(guide), "What is below a folder called `internal`")
	out, err := exec.CommandContext(t.Context(), "go", "list", "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		_, name, _ := strings.Cut(path, "/ocfsim/ocfsim/")
		_, internal, is := strings.Cut(name, "/internal/")
		switch {
		case name == "cmd/ocfsim":
		case is && !regexp.MustCompile(`\b`+internal+`\b`).MatchString(stays):
			t.Errorf("the guide does not say that %s stays internal", internal)
		case !is && !strings.Contains(string(guide), "\n| "+name+" | "):
			t.Errorf("the guide does not say whether %s is stable", name)
		}
	}
}

// TestCodeOfTheLibraryGuide checks that all Go code in docs/guide/library.md is in
// the examples, word for word: there it is compiled and run.
func TestCodeOfTheLibraryGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guide/library.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../docs/examples/*/*.go")
	more, moreErr := filepath.Glob("../../docs/examples/*/*/*.go")
	if err != nil || moreErr != nil {
		t.Fatal(err, moreErr)
	}
	var all strings.Builder
	for _, name := range append(files, more...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(blocks) == 0 {
		t.Error("the guide shows no Go code")
	}
	for _, b := range blocks {
		if !strings.Contains(all.String(), b[1]) {
			t.Errorf("no example has this:\n%s", b[1])
		}
	}
}
