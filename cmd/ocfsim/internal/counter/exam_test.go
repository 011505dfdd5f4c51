package counter_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/counter"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

var (
	from  = flag.Uint64("from", 0, "the first seed")
	seeds = flag.Uint64("seeds", 3334, "how many seeds; each is drawn for three runs")
	// laterSeeds is far below seeds, for a run of a later edition costs as much as one of the first.
	laterSeeds = flag.Uint64("later", 150, "how many seeds for each later edition")

	out = flag.String("out", "", "folder for the results of the last run of each network, with -seeds 1")
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
	examineAll(t, u, *seeds, 500, all)
	for reason, n := range all.warned {
		t.Errorf("warned %d times: %s", n, reason)
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

// TestCounterExamOfLaterEditions does the same by each edition after the first, in fewer
// runs: Devices of that edition and all its scenarios. The schemas have no room for bit 256,
// which a Device cannot help, so DPM-1 may warn.
func TestCounterExamOfLaterEditions(t *testing.T) {
	for _, e := range edition.All() {
		if e == edition.First() {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			c, err := steps.LoadFor(e, features.FS, judge.IDsOf(e))
			if err != nil {
				t.Fatal(err)
			}
			all := newTally(t)
			examineAll(t, counter.NewUrnOf(e.ID, c.Scenarios), *laterSeeds, 125, all) // four times as many are secured
			for reason, n := range all.warned {
				if !strings.HasPrefix(reason, "DPM-1: ") {
					t.Errorf("warned %d times: %s", n, reason)
				}
			}
		})
	}
}

// examineAll examines what is drawn from this many seeds. Over impaired networks the harness
// may give up once, and once more in each so many runs.
func examineAll(t *testing.T, u counter.Urn, many uint64, each int, all *tally) {
	t.Helper()
	todo := make(chan uint64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := range todo {
				examine(t, u, seed, all)
			}
		})
	}
	for i := uint64(0); i < many; i += 1 + spared {
		todo <- *from + i
	}
	close(todo)
	workers.Wait()
	t.Logf("%v", all)
	for _, err := range all.given {
		t.Logf("not judged: %v", err)
	}
	if all.scenarios[conformance.Pass] == 0 {
		t.Error("nothing passed")
	}
	if most := 1 + all.impaired/each; len(all.given) > most {
		t.Errorf("the harness gave up %d times in %d runs over impaired networks, more than %d", len(all.given), all.impaired, most)
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
