package counter_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/counter"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

var (
	from  = flag.Uint64("from", 0, "the first seed")
	seeds = flag.Uint64("seeds", 3334, "how many seeds; each is drawn for three runs")
	out   = flag.String("out", "", "folder for the results of the last run of each network, with -seeds 1")
)

// TestMain lets the garbage collector run less often: each run leaves some megabytes
// of garbage, all at its end.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

func urn(t *testing.T) (counter.Urn, []steps.Scenario) {
	t.Helper()
	c, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	return counter.NewUrn(c.Scenarios), c.Scenarios
}

// TestCounterExam runs scenarios drawn from seeds against compliant Devices drawn from
// seeds, over a clean network and two impaired ones, ten thousand runs in all. None of
// them may fail.
func TestCounterExam(t *testing.T) {
	u, scenarios := urn(t)
	all := newTally(t)
	todo := make(chan uint64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := range todo {
				examine(t, u, seed, all)
			}
		})
	}
	for i := uint64(0); i < *seeds; i += 1 + spared {
		todo <- *from + i
	}
	close(todo)
	workers.Wait()
	t.Logf("%v", all)
	for _, err := range all.given {
		t.Logf("not judged: %v", err)
	}
	for reason, n := range all.warned {
		t.Errorf("warned %d times: %s", n, reason)
	}
	if all.scenarios[conformance.Pass] == 0 {
		t.Error("nothing passed")
	}
	if most := 1 + all.impaired/500; len(all.given) > most {
		t.Errorf("the harness gave up %d times in %d runs over impaired networks, more than %d", len(all.given), all.impaired, most)
	}
	if *seeds < 1000 || spared > 0 {
		return // too few seeds to have drawn everything
	}
	for _, s := range scenarios {
		all.want(s.ID)
	}
	for _, b := range fixtures.Behaviours() {
		if b.Compliant() {
			all.want(b.Name)
		}
	}
	for _, q := range sim.LawfulQuirks() {
		all.want(q)
	}
}

// examine runs the scenarios drawn from seed against the Device drawn from it, over
// each of its networks.
func examine(t *testing.T, u counter.Urn, seed uint64, all *tally) {
	d, err := u.Draw(seed)
	if err != nil {
		t.Error(err)
		return
	}
	all.draw(d)
	for n, over := range d.Networks {
		o, err := d.Run(n, dir(n))
		all.enter(d, over, o, err)
	}
}

// dir is the folder for the results over network n, or empty.
func dir(n int) string {
	if *out == "" {
		return ""
	}
	return filepath.Join(*out, fmt.Sprintf("network-%d", n))
}
