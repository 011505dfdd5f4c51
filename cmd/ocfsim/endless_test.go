//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// files are the ways in which a file can have no end: a device, and 8 GB.
func files() map[string]func(t *testing.T, name string) {
	return map[string]func(*testing.T, string){
		"device": func(t *testing.T, name string) {
			t.Helper()
			if err := os.Symlink("/dev/zero", name); err != nil {
				t.Fatal(err)
			}
		},
		"8 GB": func(t *testing.T, name string) {
			t.Helper()
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(name, 8<<30); err != nil { // it takes no room on the disk
				t.Fatal(err)
			}
		},
	}
}

// recorded is a folder with the results of a run of one scenario, without its timeline.
func recorded(t *testing.T, dir string) {
	t.Helper()
	results, err := os.ReadFile(filepath.Join("..", "..", "reports", "sample", "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "timelines"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "results.json"), results, 0o600); err != nil {
		t.Fatal(err)
	}
	sample := filepath.Join("..", "..", "reports", "sample", "timelines")
	all, err := os.ReadDir(sample)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d timelines, %v", len(all), err)
	}
	for _, f := range all {
		data, err := os.ReadFile(filepath.Join(sample, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "timelines", f.Name()), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever file a user names, by mistake or because somebody gave it to them: one that
// has no end is refused within seconds, and is not read into memory.
func TestAFileWithoutAnEndIsRefusedAtOnce(t *testing.T) {
	for what, c := range map[string]struct {
		file string   // where in the folder the file is
		args []string // DIR is the folder
		run  bool     // the folder has a recorded run, too
	}{
		"target":            {"lamp.yaml", []string{"test", "--target", "DIR/lamp.yaml", "--out", "DIR/out"}, false},
		"target to check":   {"lamp.yaml", []string{"check", "DIR/lamp.yaml"}, false},
		"target to explore": {"lamp.yaml", []string{"explore", "--target", "DIR/lamp.yaml", "--out", "DIR/out"}, false},
		"waivers":           {"w.yaml", []string{"test", "--unsecured", "--embed", "success", "--tags", "@S1", "--waivers", "DIR/w.yaml", "--out", "DIR/out"}, false},
		"feature":           {"f/lamp.feature", []string{"test", "--unsecured", "--embed", "success", "--features", "DIR/f", "--out", "DIR/out"}, false},
		"behaviour":         {"b.yaml", []string{"run", "--unsecured", "--behaviour", "DIR/b.yaml"}, false},
		"deviation":         {"d.yaml", []string{"test", "--unsecured", "--deviation", "DIR/d.yaml", "--out", "DIR/out"}, false},
		"credential":        {"c.yaml", []string{"get", "coaps://127.0.0.1:1", "--credential", "DIR/c.yaml"}, false},
		"roots":             {"r.pem", []string{"own", "coap://127.0.0.1:1", "--otm", "certificate", "--trust", "DIR/r.pem"}, false},
		"payload":           {"p.bin", []string{"post", "coap://127.0.0.1:1", "-f", "DIR/p.bin"}, false},
		"token":             {"token", []string{"run", "--unsecured", "--control", "127.0.0.1:0", "--token-file", "DIR/token"}, false},
		"maker":             {"state/manufacturer.pem", []string{"run", "--unowned", "--state", "DIR/state"}, false},
		"key to sign with":  {"k.pem", []string{"bundle", "DIR", "--key", "DIR/k.pem", "--out", "DIR/b"}, true},
		"key to check by":   {"k.pem", []string{"verify", "DIR/b", "--key", "DIR/k.pem"}, false},
		"results to judge":  {"results.json", []string{"judge", "DIR"}, false},
		"results to diff":   {"results.json", []string{"diff", "DIR", "DIR"}, false},
		"index":             {"index.json", []string{"judge", "DIR"}, false},
		"sums":              {"SHA256SUMS", []string{"judge", "DIR"}, true},
		"timeline":          {"timelines/" + sampleTimeline(t), []string{"judge", "DIR"}, true},
	} {
		for kind, make := range files() {
			t.Run(what+" "+kind, func(t *testing.T) {
				dir := t.TempDir()
				if c.run {
					recorded(t, dir)
				}
				name := filepath.Join(dir, c.file)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.RemoveAll(name); err != nil {
					t.Fatal(err)
				}
				make(t, name)
				var args []string
				for _, a := range c.args {
					args = append(args, strings.ReplaceAll(a, "DIR", dir))
				}
				code := 2
				if what == "token" { // the Devices have been made by then
					code = 4
				}
				refusesFile(t, code, args)
			})
		}
	}
}

// sampleTimeline is the name of a timeline of the sample run.
func sampleTimeline(t *testing.T) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join("..", "..", "reports", "sample", "timelines", "*.jsonl*"))
	if err != nil || len(all) == 0 {
		t.Fatalf("%d timelines, %v", len(all), err)
	}
	return filepath.Base(all[0])
}

// refusesFile runs a command that ends at once, with the exit code want, and says why.
func refusesFile(t *testing.T, want int, args []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	code := run(ctx, args, nil, &out, &errs)
	runtime.ReadMemStats(&after)
	if ctx.Err() != nil || code != want {
		t.Errorf("exit code %d, %v: %.300s", code, ctx.Err(), errs.String())
	}
	if said := errs.String(); !strings.Contains(said, "too long") && !strings.Contains(said, "longer than") && !strings.Contains(said, "begins with") {
		t.Errorf("it said: %.300s", said)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 512<<20 {
		t.Errorf("%d MB were allocated", n>>20)
	}
}
