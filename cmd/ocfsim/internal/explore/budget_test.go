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
	rewrite = flag.Bool("rewrite", false, "search for walks that find the deviations whose entries in testdata/found are missing or wrong, and write them")
	only    = flag.String("only", "", "with -rewrite, search only for this deviation, given by its name or number")
)

const (
	foundFile  = "testdata/found"
	foundTitle = "# A walk of seed 1 that breaks a requirement which the deviation does, among the first %d, each of up to %d stimuli.\n" +
		"# Written by: go test ./cmd/ocfsim/internal/explore -run TestEveryDeviationIsFound -rewrite\n"
)

// budgetSeed is the seed of the walks.
const budgetSeed = 1

// unfound are the deviations that no walk finds, and why. Scenarios find them.
func unfound() map[string]string {
	return map[string]string{
		"dozes-off":              "a walk ends where a write is not answered at all, and that is no finding",
		"fortieth-check-dropped": "it takes forty checks in a row, and a walk has twelve stimuli",
	}
}

// TestEveryDeviationIsFound takes for each deviation the walk that testdata/found names.
// A walk depends only on the seed and its number, so the walks before it need not be
// taken. With -rewrite the test searches for another walk if this one finds nothing.
func TestEveryDeviationIsFound(t *testing.T) {
	table := foundOnes(t)
	if *rewrite {
		renew(t, table)
	}
	names := map[string]bool{}
	for i, d := range fixtures.Deviations() {
		names[d.Name] = true
		entry, ok := table[d.Name]
		switch why := unfound()[d.Name]; {
		case why != "" && ok:
			t.Errorf("%s has an entry in %s, though it says that no walk finds it: %s", d.Name, foundFile, why)
		case why != "":
		case !ok:
			t.Errorf("%s is not in %s: run this test with -rewrite -only %[1]s", d.Name, foundFile)
		case i%(spared+1) == 0:
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				if got := breaksNow(t, d, entry); got != entry {
					t.Errorf("%s says %q, but now it is %q: if you changed on purpose what walks are drawn, run this test with -rewrite", foundFile, entry, got)
				}
			})
		}
	}
	for name := range table {
		if !names[name] {
			t.Errorf("%s names %s, and there is no such deviation: run this test with -rewrite", foundFile, name)
		}
	}
}

// renew searches for walks that find the deviations whose entries are missing or wrong,
// enters them, takes out deviations that are gone, and writes the table.
func renew(t *testing.T, table map[string]string) {
	t.Helper()
	alone := ""
	if *only != "" {
		d, err := fixtures.Deviation(*only)
		if err != nil {
			t.Fatal(err)
		}
		alone = d.Name
	}
	names := map[string]bool{}
	for _, d := range fixtures.Deviations() {
		names[d.Name] = true
		entry := table[d.Name]
		if unfound()[d.Name] != "" {
			delete(table, d.Name)
			continue
		}
		if alone != "" && alone != d.Name || alone == "" && entry != "" && breaksNow(t, d, entry) == entry {
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

// breaksNow takes the walk of an entry on d, and returns the entry as it is now.
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

// numberOf is the number of the walk that an entry names.
func numberOf(entry string) (n int, err error) {
	if _, err := fmt.Sscanf(entry, "walk %d breaks", &n); err != nil {
		return 0, fmt.Errorf("%s: %q: expected \"walk NUMBER breaks REQUIREMENT\": %w", foundFile, entry, err)
	}
	return n, nil
}

// takeWalk takes only walk n, and returns an entry with the requirement that it breaks,
// of those that cfg looks for; empty if it breaks none. If the walk breaks it only the
// first time, that is an error.
func takeWalk(ctx context.Context, cfg Config, n int) (entry string, err error) {
	x := newExploration(cfg)
	if err := x.step(ctx, n); err != nil || len(x.Found) == 0 {
		return "", err
	}
	f := x.Found[0]
	if f.Flaky {
		return "", fmt.Errorf("walk %d broke %s, but not when it was repeated", f.N, f.Requirement)
	}
	return fmt.Sprintf("walk %d breaks %s", f.N, f.Requirement), nil
}

// budget is an exploration of d with the whole budget, which looks for the requirements
// that d breaks. It has security if d differs only with security. It shortens nothing.
func budget(d sim.Deviation) (Config, error) {
	s, err := lab.Deviant(d)
	if err != nil {
		return Config{}, err
	}
	v, err := NewVirtual(s, !d.Secured, false)
	return Config{Arena: v, Seed: budgetSeed, Steps: Steps, Walks: Walks, Only: d.Breaks, Warnings: true}, err
}

// foundOnes reads testdata/found: each line has a deviation, a colon, and the walk that
// finds it.
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
