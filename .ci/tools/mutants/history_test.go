package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// repository is a module under git. Git does not look for a repository above it.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, module(t, nil)}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(r.dir))
	r.git(time.Time{}, "init", "-q", "-b", "main")
	return r
}

func (r repository) git(at time.Time, args ...string) string {
	r.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.com"}, args...)...)
	date := fmt.Sprintf("%d +0000", at.Unix())
	cmd.Dir, cmd.Env = r.dir, append(os.Environ(), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes the files and commits everything.
func (r repository) commit(at time.Time, files map[string]string) (id string) {
	r.Helper()
	write(r.T, r.dir, files)
	r.git(at, "add", "-A")
	r.git(at, "commit", "-q", "-m", "m")
	return r.git(at, "rev-parse", "HEAD")
}

func (r repository) wantBase(since, want string) {
	r.Helper()
	if got, err := (history{r.dir}).base(since); got != want || err != nil {
		r.Errorf("base %q: %q, %v, want %q", since, got, err, want)
	}
}

func TestWhatAChangeIsComparedWith(t *testing.T) {
	r := newRepository(t)
	r.wantBase("auto", "") // nothing is committed
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	first := r.commit(noon, map[string]string{"a.go": "package m\n"})
	r.wantBase("auto", "") // there is one commit alone
	r.wantBase("", "")
	second := r.commit(noon.Add(30*time.Hour), map[string]string{"a.go": "package m\n\nvar a = 1\n"})
	r.wantBase("auto", first)
	r.wantBase(second, second)
	r.commit(noon.Add(50*time.Hour), map[string]string{"b.go": "package m\n"})
	r.wantBase("auto", first) // the second commit is less than a day older
	third := r.commit(noon.Add(60*time.Hour), map[string]string{"b.go": "package m\n\nvar b = 1\n"})
	r.wantBase("auto", second)
	if _, err := (history{r.dir}).base("nothing"); err == nil {
		t.Error("a commit that is not there: no error")
	}

	shallow := repository{t, t.TempDir()}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(shallow.dir))
	shallow.git(noon, "clone", "-q", "--depth", "1", "file://"+r.dir, ".")
	shallow.wantBase("auto", "")
	shallow.git(noon, "fetch", "-q", "--depth", "2")
	shallow.wantBase("auto", r.git(noon, "rev-parse", "HEAD^")) // the oldest commit that it has

	r.git(noon, "checkout", "-q", "-b", "work")
	r.commit(noon.Add(61*time.Hour), map[string]string{"c.go": "package m\n"})
	r.wantBase("auto", third)
}

func TestAModuleWithoutHistory(t *testing.T) {
	h := history{t.TempDir()}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(h.dir))
	if base, err := h.base("auto"); base != "" || err != nil {
		t.Errorf("%q, %v", base, err)
	}
	if h.seed() < 20260000 {
		t.Errorf("seed %d is no date", h.seed())
	}
}

const beforeText = `package m

// Same is left as it is.
func Same(a bool) bool { return !a }

// Moved goes to another file.
func Moved(a bool) bool { return !a }

// Laid is laid out anew.
func Laid(a, b bool) bool {
	return a && b // both
}

// Other is changed.
func Other(a bool) bool { return a }

var limit = 3

// Over is left as it is, unlike what it reads.
func Over(n int) bool { return n > limit }
`

var afterText = map[string]string{
	"m.go": `package m

// Same is left as it is.
func Same(a bool) bool { return !a }

// Laid is laid out in another way, as nobody can tell who runs it.
func Laid(a, b bool) bool {
	// Both are needed.
	return a &&
		b
}

// Other is changed.
func Other(a bool) bool { return !a }

// Fresh is new.
func Fresh(a bool) bool { return !a }

var limit = 4

// Over is left as it is, unlike what it reads.
func Over(n int) bool { return n > limit }
`,
	"moved.go": "package m\n\nfunc Moved(a bool) bool { return !a }\n",
}

// TestChangedFunctionsAreTried checks that the mutants of changed functions are found, are
// tried first, and decide whether the run fails.
func TestChangedFunctionsAreTried(t *testing.T) {
	r := newRepository(t)
	r.commit(time.Unix(1e9, 0), map[string]string{"m.go": beforeText, "m_test.go": `package m

import "testing"

func TestAll(t *testing.T) {
	if Same(true) || !Same(false) || Moved(true) || !Moved(false) || !Laid(true, true) || Laid(true, false) || Laid(false, true) {
		t.Error("wrong")
	}
	if Over(limit) || !Over(limit+1) {
		t.Error("over")
	}
}
`})
	write(t, r.dir, afterText) // not committed: what counts is the work tree
	var out bytes.Buffer
	c := toy(&out)
	c.module, c.choice.since, c.bounds.threshold, c.list = r.dir, "HEAD", 90, true
	if _, err := run(c); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	isChanged := func(line string) bool {
		return strings.Contains(line, " Other: ") || strings.Contains(line, " Fresh: ") || strings.Contains(line, " var limit: ")
	}
	if n := slices.IndexFunc(lines, func(line string) bool { return !isChanged(line) }); n < 4 || slices.ContainsFunc(lines[n:], isChanged) {
		t.Errorf("the mutants of Other, Fresh and limit are not the first:\n%s", &out)
	}
	out.Reset()
	c.list = false
	ok, err := run(c)
	if err != nil || ok {
		t.Errorf("%v, %v, though nothing tests Other and Fresh", ok, err)
	}
	for _, want := range []string{"m.go:14: uncovered: !a => a (negation, in Other)\n", "functions that differ from "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	c.choice.since, c.bounds.threshold, c.out = "", 50, io.Discard
	if ok, err := run(c); err != nil || !ok {
		t.Errorf("without the comparison: %v, %v", ok, err)
	}
}

// TestASampleIsDrawnFromASeed checks that the same seed draws the same sample, and another
// seed another sample.
func TestASampleIsDrawnFromASeed(t *testing.T) {
	drawn := func(seed uint64) string {
		t.Helper()
		var out bytes.Buffer
		c := toy(&out)
		c.list, c.choice.seed, c.choice.most = true, seed, 5
		if _, err := run(c); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n != 5 {
			t.Errorf("%d mutants", n)
		}
		return out.String()
	}
	if a, b, c := drawn(7), drawn(7), drawn(8); a != b || a == c {
		t.Errorf("%s\n%s\n%s", a, b, c)
	}
}
