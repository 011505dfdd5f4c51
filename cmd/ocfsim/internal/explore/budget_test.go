package explore

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

var (
	rewrite = flag.Bool("rewrite", false, "search walks for the deviations whose entries in testdata/found are missing or wrong, and write them")
	only    = flag.String("only", "", "with -rewrite, search for this deviation alone, by its name or what it begins with up to a dash")
)

const (
	foundFile  = "testdata/found"
	foundTitle = "# A walk of seed 1 that breaks a requirement which the deviation does, among the first %d, each of up to %d stimuli.\n" +
		"# Written by: go test ./cmd/ocfsim/internal/explore -run TestEveryDeviationIsFound -rewrite\n"
)

// budgetSeed is that of the walks.
const budgetSeed = 1

// TestEveryDeviationIsFound takes for each deviation the walk that testdata/found
// names, which is drawn from the seed and its number as if all others had been
// taken before it. With -rewrite it searches for another where that breaks nothing.
func TestEveryDeviationIsFound(t *testing.T) {
	table := foundOnes(t)
	if *rewrite {
		renew(t, table)
	}
	names := map[string]bool{}
	for i, d := range fixtures.Deviations() {
		names[d.Name] = true
		entry, ok := table[d.Name]
		switch {
		case !ok:
			t.Errorf("%s is not in %s: run this test with -rewrite -only %[1]s", d.Name, foundFile)
		case i%(spared+1) == 0:
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				if got := breaksNow(t, d, entry); got != entry {
					t.Errorf("%s has %q, and there is %q: run this test with -rewrite, if what is drawn was changed on purpose", foundFile, entry, got)
				}
			})
		}
	}
	for name := range table {
		if !names[name] {
			t.Errorf("%s has %s, which is no deviation: run this test with -rewrite", foundFile, name)
		}
	}
}

// renew searches for the deviations whose entries are missing or wrong, enters
// what it finds, takes out those that are gone, and writes the table.
func renew(t *testing.T, table map[string]string) {
	t.Helper()
	names := map[string]bool{}
	for _, d := range fixtures.Deviations() {
		names[d.Name] = true
		entry := table[d.Name]
		alone := *only != ""
		if alone && !strings.HasPrefix(d.Name+"-", *only+"-") || !alone && entry != "" && breaksNow(t, d, entry) == entry {
			continue
		}
		began := time.Now()
		entry, walks, err := search(t.Context(), d, table)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %q after %d walks in %v", d.Name, entry, walks, time.Since(began).Round(10*time.Millisecond))
		if entry == "" {
			t.Errorf("%s: none of %d walks breaks any of %v", d.Name, walks, d.Breaks)
			continue
		}
		table[d.Name] = entry
	}
	maps.DeleteFunc(table, func(name, _ string) bool { return !names[name] })
	var out strings.Builder
	fmt.Fprintf(&out, foundTitle, Walks, Steps)
	for _, name := range slices.Sorted(maps.Keys(table)) {
		fmt.Fprintf(&out, "%s: %s\n", name, table[name])
	}
	if err := os.WriteFile(foundFile, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// breaksNow is what the walk of an entry breaks of d, as an entry.
func breaksNow(t *testing.T, d sim.Deviation, entry string) string {
	t.Helper()
	n, err := numberOf(entry)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := budget(d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := takeWalk(t.Context(), cfg, n)
	if err != nil {
		t.Error(err)
	}
	return got
}

// numberOf is the number of the walk of an entry.
func numberOf(entry string) (n int, err error) {
	if _, err := fmt.Sscanf(entry, "walk %d breaks", &n); err != nil {
		return 0, fmt.Errorf("%s: %q: expected \"walk NUMBER breaks REQUIREMENT\": %w", foundFile, entry, err)
	}
	return n, nil
}

// takeWalk takes walk n alone, and says as an entry which of the requirements
// that cfg is out for it breaks; empty for none. A walk that breaks one and
// not when it is taken again is an error.
func takeWalk(ctx context.Context, cfg Config, n int) (entry string, err error) {
	x := newExploration(cfg)
	if err := x.step(ctx, n); err != nil || len(x.Found) == 0 {
		return "", err
	}
	f := x.Found[0]
	if f.Flaky {
		return "", fmt.Errorf("walk %d broke %s, and not when it was repeated", f.N, f.Requirement)
	}
	return fmt.Sprintf("walk %d breaks %s", f.N, f.Requirement), nil
}

// budget is the whole exploration of a deviant for what it breaks, with
// security where it shows with security alone. Nothing is shortened.
func budget(d sim.Deviation) (Config, error) {
	s, err := lab.Deviant(d)
	if err != nil {
		return Config{}, err
	}
	v, err := NewVirtual(s, !d.Secured, false)
	return Config{Arena: v, Seed: budgetSeed, Steps: Steps, Walks: Walks, Only: d.Breaks, Warnings: true}, err
}

// foundOnes reads testdata/found: a deviation a line, a colon, and the walk
// that finds it.
func foundOnes(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(foundFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, entry, ok := strings.Cut(line, ": ")
		if _, err := numberOf(entry); !ok || err != nil {
			t.Fatalf("%s: %q: expected a deviation, a colon and a walk: %v", foundFile, line, err)
		}
		all[name] = entry
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
