package main

import (
	"bytes"
	"flag"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/toy.golden again")

// toy is a run over a small module, which tries all mutants and writes to out.
func toy(out io.Writer) config {
	return config{
		module: "testdata/toy", packages: []string{"./..."}, choice: choice{seed: 1},
		bounds: bounds{threshold: 50, workers: 2}, tests: selection{slow: time.Hour, grace: 3 * time.Second},
		out: out, diagnostics: io.Discard,
	}
}

// TestToy makes every mutant of two small packages and compares the outcome of each with
// testdata/toy.golden.
func TestToy(t *testing.T) {
	before := tree(t, "testdata/toy")
	var out bytes.Buffer
	c := toy(&out)
	c.verbose = true
	if ok, err := run(c); err != nil || !ok {
		t.Fatalf("%v, %v", ok, err)
	}
	const golden = "testdata/toy.golden"
	if *rewrite {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if after := tree(t, "testdata/toy"); !maps.Equal(before, after) {
		t.Errorf("the work tree was %v and is %v", before, after)
	}
}

// TestAFewAreWoven: the first of the order are the same, and end alike, where the others are
// not compiled.
func TestAFewAreWoven(t *testing.T) {
	ends := func(weave int) map[string]string {
		c := toy(io.Discard)
		c.choice.weave, c.json = weave, filepath.Join(t.TempDir(), "ends.json")
		if _, err := run(c); err != nil {
			t.Fatal(err)
		}
		o, err := readJSON(c.json)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, m := range o.Mutants {
			all[m.key()] = m.Status
		}
		return all
	}
	const few = 7
	all, first := ends(0), ends(few)
	if len(first) != few || len(all) <= few {
		t.Errorf("%d mutants are tried, want %d of %d", len(first), few, len(all))
	}
	for key, status := range first {
		if all[key] != status {
			t.Errorf("%s: %s, and where all are woven %s", key, status, all[key])
		}
	}
}

// tree are the files in dir with their contents.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestAShareBelowTheThresholdFails checks that a run below its threshold fails and names
// each survivor. A second run that builds on it (-again) tries only the survivors, and
// comes to the same result.
func TestAShareBelowTheThresholdFails(t *testing.T) {
	var out bytes.Buffer
	c := toy(&out)
	c.choice.only = "toy.go (Sum|Cut): "
	c.bounds.threshold, c.json = 99.5, filepath.Join(t.TempDir(), "results.json")
	ok, err := run(c)
	if err != nil || ok {
		t.Fatalf("%v, %v", ok, err)
	}
	for _, want := range []string{
		"toy.go:39: survived: s[:n] => s[:] (slice, in Cut)\n", "8 tried, 7 killed: 87.5 %, upper bound 99.4 %, at least 99.5 % have to be: too few\n", "too many survive",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	var again bytes.Buffer
	c.out, c.again, c.bounds.threshold = &again, c.json, 80
	if ok, err := run(c); err != nil || !ok || !strings.Contains(again.String(), "8 tried, 7 killed: 87.5 %, upper bound 99.4 %, at least 80 % have to be: enough\n") {
		t.Errorf("again: %v, %v\n%s", ok, err, &again)
	}
}

func TestWhatHasNoMutantsIsAnError(t *testing.T) {
	c := toy(io.Discard)
	c.packages = []string{"./nowhere"}
	if _, err := run(c); err == nil {
		t.Error("no package: no error")
	}
	c = toy(io.Discard)
	c.choice.only = "no such mutant"
	if _, err := run(c); err == nil {
		t.Error("no mutant: no error")
	}
}

// TestTheModuleKeepsStill checks that a run fails if the module changes meanwhile.
func TestTheModuleKeepsStill(t *testing.T) {
	c := toy(io.Discard)
	c.module = module(t, map[string]string{
		"m.go": "package m\n\nfunc Not(a bool) bool { return !a }\n",
		"m_test.go": `package m

import (
	"os"
	"testing"
	"time"
)

func TestNot(t *testing.T) {
	os.WriteFile("data.txt", []byte(time.Now().String()), 0o600)
	if Not(true) {
		t.Error("not")
	}
}
`,
	})
	if _, err := run(c); err == nil || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Errorf("%v", err)
	}
}

// module is a directory with these files and a go.mod.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": "module m\n\ngo 1.26\n"})
	write(t, dir, files)
	return dir
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFailingTestIsAnError checks that a test which fails without any mutant is an error:
// it would seem to kill all of them.
func TestAFailingTestIsAnError(t *testing.T) {
	c := toy(io.Discard)
	c.module = module(t, map[string]string{
		"m.go":      "package m\n\nfunc Not(a bool) bool { return !a }\n",
		"m_test.go": "package m\n\nimport \"testing\"\n\nfunc TestNot(t *testing.T) { t.Error(Not(true)) }\n",
	})
	if _, err := run(c); err == nil || !strings.Contains(err.Error(), "fails without any mutant") {
		t.Errorf("%v", err)
	}
}

// A run stops when its time is over, unless a changed function waits or the
// share of the others is too small; then it goes on for a while.
func TestHowLongARunGoesOn(t *testing.T) {
	b := bounds{threshold: 90, within: time.Minute, extend: 2 * time.Minute}
	for _, c := range []struct {
		others  score
		waiting int
		elapsed time.Duration
		want    bool
	}{
		{score{100, 95}, 0, 59 * time.Second, true},
		{score{100, 95}, 0, time.Minute, false},
		{score{100, 90}, 0, time.Minute, false},
		{score{100, 89}, 0, time.Minute, true},
		{score{100, 95}, 1, time.Minute, true},
		{score{100, 50}, 0, time.Minute, true}, // it is ruled too small in the end alone
		{score{100, 89}, 1, 3 * time.Minute, false},
	} {
		tl := tally{bounds: b, others: c.others, waiting: c.waiting}
		if got := tl.more(c.elapsed); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	whole := tally{bounds: bounds{threshold: 90}, others: score{100, 100}}
	if !whole.more(time.Hour) {
		t.Error("a run without a limit stops")
	}
}

// TestWhatIsComputedOnce has a mutant tried in a new process where its code ran before it
// was awake: that no test fails then says nothing of it.
func TestWhatIsComputedOnce(t *testing.T) {
	var out bytes.Buffer
	c := toy(&out)
	c.choice.only, c.list, c.bounds.workers = "toy.go (Slow|More): ", true, 1
	for ; !strings.HasPrefix(out.String(), "toy.go More: n > 0 => n >= 0"); c.choice.seed++ { // it survives, and its process goes on
		out.Reset()
		if _, err := run(c); err != nil {
			t.Fatal(err)
		}
	}
	c.choice.seed--
	c.list, c.verbose = false, true
	out.Reset()
	if _, err := run(c); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{"return 7 => return 0", "7 => 8", "7 => 6"} {
		if want := "toy.go Slow: " + change + ": killed toy.TestMore\n"; !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
