package explore

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

// search takes walks on the deviant d, the likeliest first and several at a time, until
// one breaks a requirement that d breaks. It returns the entry for testdata/found, empty
// if no walk does, and how many walks it took. The order, and so the walk that is found,
// depends only on the table.
func search(ctx context.Context, d sim.Deviation, table map[string]string) (entry string, walks int, err error) {
	order := likeliestFirst(d, table)
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		next int
		errs []error
	)
	best := len(order)
	take := func() (i int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next >= best || len(errs) > 0 {
			return 0, false
		}
		next++
		return next - 1, true
	}
	tell := func(i int, found string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			errs = append(errs, err)
		}
		if found != "" && i < best {
			best, entry = i, found
		}
	}
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			cfg, err := budget(d)
			if err != nil {
				tell(0, "", err)
				return
			}
			for i, ok := take(); ok; i, ok = take() {
				found, err := takeWalk(ctx, cfg, order[i])
				tell(i, found, err)
			}
		})
	}
	all.Wait()
	return entry, next, errors.Join(errs...)
}

// likeliestFirst are the numbers of all walks in the budget. First come the walks that
// find another deviation; those that find one of the same requirements come before the
// others. Then come the rest: the more deviations of the same requirements the walks of
// a theme find, the more often this theme comes up.
func likeliestFirst(d sim.Deviation, table map[string]string) []int {
	themes := generator{seed: budgetSeed}
	akin, known := map[int]int{}, map[int]bool{}
	weight := map[subject]float64{}
	for _, other := range fixtures.Deviations() {
		entry, ok := table[other.Name]
		n, err := numberOf(entry)
		if !ok || err != nil || other.Name == d.Name {
			continue
		}
		known[n] = true
		for _, id := range other.Breaks {
			if slices.Contains(d.Breaks, id) {
				akin[n]++
				themes.profile = conformance.Profile{Secured: other.Secured}
				weight[themes.theme(n).about]++
			}
		}
	}
	themes.profile = conformance.Profile{Secured: d.Secured}
	rank := make([]float64, Walks+1)
	came := map[subject]float64{}
	var order []int
	for n := 1; n <= Walks; n++ {
		about := themes.theme(n).about
		came[about]++
		rank[n] = came[about] / (weight[about] + 1) // themes that found nothing yet come up too
		order = append(order, n)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if known[a] != known[b] {
			if known[a] {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(akin[b], akin[a]), cmp.Compare(rank[a], rank[b]))
	})
	return order
}

// TestTheOrderOfTheSearch checks that the search tries each walk of the budget once,
// and begins with those that find similar deviations.
func TestTheOrderOfTheSearch(t *testing.T) {
	first, second, third := fixtures.Deviations()[0], fixtures.Deviations()[1], fixtures.Deviations()[2]
	d := sim.Deviation{Name: "new", Breaks: first.Breaks}
	table := map[string]string{first.Name: "walk 1700 breaks X", second.Name: "walk 1800 breaks X", third.Name: "walk 1900 breaks X"}
	order := likeliestFirst(d, table)
	if order[0] != 1700 || !slices.Contains(order[1:3], 1800) || !slices.Contains(order[1:3], 1900) {
		t.Errorf("first come %v", order[:5])
	}
	slices.Sort(order)
	for i, n := range order {
		if n != i+1 {
			t.Fatalf("walk %d is missing or comes twice", i+1)
		}
	}
	if len(order) != Walks {
		t.Errorf("%d walks", len(order))
	}
}

// TestASearchFinds checks that a search without the table finds a walk too, and the same
// one each time.
func TestASearchFinds(t *testing.T) {
	d, err := fixtures.Deviation(fixtures.Deviations()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	entry, walks, err := search(t.Context(), d, nil)
	if err != nil || entry == "" || walks == 0 {
		t.Fatalf("%q after %d walks, %v", entry, walks, err)
	}
	if again, _, err := search(t.Context(), d, nil); again != entry || err != nil {
		t.Errorf("%q, and again %q, %v", entry, again, err)
	}
	innocent := sim.Deviation{Name: d.Name, Breaks: []string{"none"}, Quirks: d.Quirks, Behaviour: d.Behaviour}
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, _, err := search(ctx, innocent, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}
