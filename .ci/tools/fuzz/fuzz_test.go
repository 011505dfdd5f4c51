package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Seven days in a row, whichever they begin with, fuzz each target once, however many
// there are.
func TestAWeekHasAll(t *testing.T) {
	for n := range 40 {
		var all []target
		for i := range n {
			all = append(all, target{name: fmt.Sprintf("Fuzz%02d", i)})
		}
		for first := range 7 {
			var week []target
			for day := range 7 {
				week = append(week, share(all, time.Date(2026, 11, 25+first+day, 0, 0, 0, 0, time.UTC))...)
			}
			slices.SortFunc(week, func(a, b target) int { return strings.Compare(a.name, b.name) })
			if !slices.Equal(week, all) {
				t.Fatalf("of %d targets a week has %v", n, week)
			}
		}
	}
}

// Every function of the module that looks like a fuzz target is one of the targets.
func TestTargetsOfTheModule(t *testing.T) {
	all, err := targets(t.Context(), "../../..")
	if err != nil {
		t.Fatal(err)
	}
	const known = "github.com/ocfsim/ocfsim/sim/fleet"
	if !slices.Contains(all, target{"FuzzPacket", known}) || !slices.Contains(all, target{"FuzzDecode", known}) {
		t.Errorf("targets %v", all)
	}
	if len(named(all, "FuzzPacket")) != 1 || len(named(all, "FuzzNothing")) != 0 {
		t.Error("targets are not found by their names")
	}
}

// A target that crashes is told with its input and the command that fuzzes it again; one
// that does not is told with what was tried.
func TestACrasherIsTold(t *testing.T) {
	module := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.test/m\n\ngo 1.26\n",
		"m_test.go": `package m

import "testing"

func FuzzSound(f *testing.F) { f.Fuzz(func(*testing.T, []byte) {}) }

func FuzzBroken(f *testing.F) {
	f.Fuzz(func(t *testing.T, n int) {
		if n != 0 {
			t.Error("not zero")
		}
	})
}
`,
	} {
		if err := os.WriteFile(filepath.Join(module, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := targets(t.Context(), module)
	if err != nil || len(all) != 2 {
		t.Fatalf("targets %v, %v", all, err)
	}
	for _, c := range []struct {
		name    string
		crashes bool
		says    []string
	}{
		{"FuzzSound", false, []string{"ok    FuzzSound example.test/m: execs: "}},
		{"FuzzBroken", true, []string{"FAIL  FuzzBroken example.test/m: ", "testdata/fuzz/FuzzBroken/", "not zero", "./fuzz -only FuzzBroken\n"}},
	} {
		var said bytes.Buffer
		if got := fuzzAll(t.Context(), module, named(all, c.name), time.Second, &said); got != c.crashes {
			t.Errorf("%s crashes: %v", c.name, got)
		}
		for _, want := range c.says {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: it does not say %q:\n%s", c.name, want, &said)
			}
		}
	}
}
