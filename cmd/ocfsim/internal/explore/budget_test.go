package explore

import (
	"bufio"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

// whole asks for the whole budget on every deviation. Without it the walks of
// testdata/found are taken alone, each of which is drawn from the seed and its
// number as if the others had been taken before it.
var whole = flag.Bool("whole", false, "spend the whole budget on every deviation, and write testdata/found anew")

// budgetSeed is that of the walks.
const budgetSeed = 1

// TestEveryDeviationIsFound holds walks to the table of what they find, and of
// what they do not: each deviation is in one of the two.
func TestEveryDeviationIsFound(t *testing.T) {
	found, unfound := foundOnes(t), unfoundOnes(t)
	names := map[string]bool{}
	for _, d := range fixtures.Deviations() {
		names[d.Name] = true
		_, is := found[d.Name]
		why, listed := unfound[d.Name]
		switch {
		case listed && d.Explored:
			t.Errorf("%s is for walks alone, which do not find it: %s", d.Name, why)
		case *whole:
		case is && listed:
			t.Errorf("%s is in testdata/found and in testdata/unfound", d.Name)
		case !is && !listed:
			t.Errorf("%s is in neither testdata/found nor testdata/unfound: run this test with -whole", d.Name)
		}
	}
	for _, table := range []map[string]string{found, unfound} {
		for name := range table {
			if !names[name] && !*whole {
				t.Errorf("%s is listed, and no deviation", name)
			}
		}
	}
	if *whole {
		spendWhole(t, unfound)
		return
	}
	for i, d := range fixtures.Deviations() {
		walk, ok := found[d.Name]
		if !ok || i%(spared+1) != 0 {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			if got := findAgain(t, d, walk); got != walk {
				t.Errorf("testdata/found has %q, and there is %q; after a change of what is drawn run this test with -whole", walk, got)
			}
		})
	}
}

// foundBy says which walk breaks what; "" is none.
func foundBy(t *testing.T, res Result) string {
	t.Helper()
	if len(res.Found) == 0 {
		return ""
	}
	f := res.Found[0]
	if f.Flaky {
		t.Errorf("walk %d broke %s, and not when it was repeated", f.N, f.Requirement)
	}
	return fmt.Sprintf("walk %d breaks %s", f.N, f.Requirement)
}

// findAgain takes the walk of a deviation alone, and says what it breaks.
func findAgain(t *testing.T, d sim.Deviation, walk string) string {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(walk, "walk %d breaks", &n); err != nil {
		t.Fatalf("%q: %v", walk, err)
	}
	x := newExploration(budget(t, d))
	if err := x.step(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	return foundBy(t, x.Result)
}

// spendWhole spends the budget on every deviation and writes what is found.
func spendWhole(t *testing.T, unfound map[string]string) {
	var mu sync.Mutex
	walks, found := 0, map[string]string{}
	t.Run("each", func(t *testing.T) {
		for _, d := range fixtures.Deviations() {
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				res, err := Run(t.Context(), budget(t, d))
				if err != nil {
					t.Fatal(err)
				}
				walk := foundBy(t, res)
				_, listed := unfound[d.Name]
				switch {
				case walk == "" && !listed:
					t.Errorf("none of %v found in %d walks of %d stimuli, and not in testdata/unfound", d.Breaks, res.Walks, res.Stimuli)
				case walk != "" && listed:
					t.Errorf("%s, and is in testdata/unfound", walk)
				}
				if walk != "" {
					if again := findAgain(t, d, walk); again != walk {
						t.Errorf("%s, and alone %q", walk, again)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				walks += res.Walks
				if walk != "" {
					found[d.Name] = walk
				}
			})
		}
	})
	var out strings.Builder
	fmt.Fprintf(&out, "# The first walk of seed %d, of up to %d stimuli, that breaks a requirement which the deviation does; %d are tried.\n", budgetSeed, Steps, Walks)
	fmt.Fprintln(&out, "# Written by: go test ./cmd/ocfsim/internal/explore -run TestEveryDeviationIsFound -whole -timeout 30m")
	for _, name := range slices.Sorted(maps.Keys(found)) {
		fmt.Fprintf(&out, "%s: %s\n", name, found[name])
	}
	if err := os.WriteFile("testdata/found", []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("found %d of %d in %d walks", len(found), len(fixtures.Deviations()), walks)
}

// budget is the whole exploration of a deviant for what it breaks, with
// security where it shows with security alone. Nothing is shortened.
func budget(t *testing.T, d sim.Deviation) Config {
	t.Helper()
	s, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVirtual(s, !d.Secured, false)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Arena: v, Seed: budgetSeed, Steps: Steps, Walks: Walks, Only: d.Breaks, Warnings: true}
}

// foundOnes reads testdata/found: a deviation a line, and the walk that finds it.
func foundOnes(t *testing.T) map[string]string { return table(t, "testdata/found") }

// unfoundOnes reads testdata/unfound: a deviation a line, and why it is not found.
func unfoundOnes(t *testing.T) map[string]string { return table(t, "testdata/unfound") }

func table(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok || value == "" {
			t.Fatalf("%s: %q: expected a deviation, a colon and the rest", name, line)
		}
		all[key] = value
	}
	return all
}
