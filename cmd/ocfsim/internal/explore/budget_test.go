package explore

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

// The budget within which every deviation is found that is not listed in
// testdata/unfound: what `ocfsim explore` spends where nobody says otherwise.
const (
	budgetWalks = 600
	budgetSteps = 12
)

// TestEveryDeviationIsFound walks on every deviant Device until a requirement
// that it breaks is seen broken, twice.
func TestEveryDeviationIsFound(t *testing.T) {
	unfound := unfoundOnes(t)
	var tried, found, walks atomic.Int32
	t.Run("each", func(t *testing.T) {
		for i, d := range fixtures.Deviations() {
			why, listed := unfound[d.Name]
			delete(unfound, d.Name)
			if i%(spared+1) != 0 || why == untried {
				continue
			}
			tried.Add(1)
			t.Run(d.Name, func(t *testing.T) {
				t.Parallel()
				walking := budgetWalks
				if listed {
					walking /= 6 // enough to notice that the list is out of date
				}
				res := walkOn(t, d, walking)
				walks.Add(int32(res.Walks))
				switch is := len(res.Found) > 0; {
				case is && listed:
					t.Errorf("found by walk %d, and listed in testdata/unfound", res.Found[0].N)
				case !is && !listed:
					t.Errorf("none of %v found in %d walks of %d stimuli", d.Breaks, res.Walks, res.Stimuli)
				case is && res.Found[0].Flaky:
					t.Errorf("walk %d broke %s, and not when it was repeated", res.Found[0].N, res.Found[0].Requirement)
				case is:
					found.Add(1)
					t.Logf("found by walk %d", res.Found[0].N)
				}
			})
		}
	})
	for name := range unfound {
		t.Errorf("testdata/unfound lists %s, which is no deviation", name)
	}
	t.Logf("found %d of %d in %d walks", found.Load(), tried.Load(), walks.Load())
}

// walkOn explores a deviant for what it breaks, with security where it shows
// with security alone. Nothing is shortened.
func walkOn(t *testing.T, d sim.Deviation, walks int) Result {
	t.Helper()
	s, err := lab.Deviant(d)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVirtual(s, !d.Secured, false)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Run(t.Context(), Config{Arena: v, Seed: 1, Steps: budgetSteps, Walks: walks, Only: d.Breaks, Warnings: true})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// untried is the reason of what has not been walked on yet: nothing is said of it.
const untried = "untried"

// unfoundOnes reads testdata/unfound: a deviation a line, and why it is not found.
func unfoundOnes(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/unfound")
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
		name, why, ok := strings.Cut(line, ": ")
		if !ok || why == "" {
			t.Fatalf("testdata/unfound: %q: expected a deviation, a colon and the reason", line)
		}
		all[name] = why
	}
	return all
}

// TestSoundDevicesAreSound walks on every compliant Device, other walks on each:
// nothing is to be found, and nothing to go wrong. The whole budget on each is
// for `ocfsim explore`.
func TestSoundDevicesAreSound(t *testing.T) {
	specimens, err := lab.Specimens(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range specimens {
		for _, plain := range []bool{true, false} {
			if plain && s.Secured() || i%(spared+1) != 0 {
				continue
			}
			t.Run(fmt.Sprintf("%s unsecured=%v", s.Name, plain), func(t *testing.T) {
				t.Parallel()
				v, err := NewVirtual(s, plain, false)
				if err != nil {
					t.Fatal(err)
				}
				cfg := Config{Arena: v, Seed: uint64(1000 + i), Steps: budgetSteps, Walks: 40, Tries: 300, KeepGoing: true}
				if !plain {
					cfg.Walks = 12
				}
				res, err := Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range res.Found {
					t.Errorf("%s broken by %s\n%+v", f.Requirement, f.Walk, f.Finding)
				}
				for _, q := range res.Trouble {
					t.Errorf("%s: %s", q.Reason, q.Walk)
				}
				if len(res.Passed) == 0 {
					t.Error("nothing was judged")
				}
			})
		}
	}
}
