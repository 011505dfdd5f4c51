package explore

import (
	"flag"
	"fmt"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
)

var (
	soundFrom  = flag.Uint64("from", 1000, "the seed of the walks on the first compliant Device; the seeds of the others follow")
	soundWalks = flag.Int("walks", 40, "how many walks on each compliant Device; a third as many if it is secured")
)

// TestSoundDevicesAreSound takes walks on every compliant Device, different ones on each.
// They must find nothing, and nothing may go wrong. For the whole budget on one Device
// there is `ocfsim explore`.
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
				cfg := Config{Arena: v, Seed: *soundFrom + uint64(i), Steps: Steps, Walks: *soundWalks, Tries: 300, KeepGoing: true}
				if !plain {
					cfg.Walks = *soundWalks / 3
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
