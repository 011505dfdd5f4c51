package depot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// TestEveryFlawByDDI: by DDI, too, the vendor's signature decides, and not the digests that the server
// names: each flaw of a signed package or of its metadata is refused by its own check, which the
// server is told. A Device that leaves that check out installs the package and claims a success,
// and the source doubts it.
func TestEveryFlawByDDI(t *testing.T) {
	for _, f := range suit.Flaws() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			careful := offering(t, f)
			if a := careful.ask(source.Fetch, "1.0.2"); a.Available || a.Failed {
				t.Errorf("it got %+v", a)
			}
			careful.ask(source.Check, "1.0.2") // which waits until all about the one before is said
			failed := func(line string) bool {
				return strings.HasPrefix(line, "lamp closed failure: ") && strings.Contains(line, fmt.Sprintf("refused by its %s: ", f.Check))
			}
			if said, doubt := careful.heard(); !slices.ContainsFunc(said, failed) || slices.ContainsFunc(said, claimed) || doubt != nil {
				t.Errorf("the check is %s, and it said\n%s", f.Check, strings.Join(said, "\n"))
			}
			if f.Check == suit.CheckFormat {
				return // nobody can leave that out
			}
			careless := offering(t, f, string(f.Check))
			a := careless.ask(source.Fetch, "1.0.2")
			if !a.Available {
				t.Errorf("without the check %s it got %+v", f.Check, a)
			}
			careless.ask(source.Check, a.Version)
			if said, h := careless.heard(); !slices.ContainsFunc(said, claimed) || h == nil || !slices.Equal(h.Faults, []string{f.Name}) {
				t.Errorf("without the check %s it said\n%s\nand the source doubts %+v", f.Check, strings.Join(said, "\n"), h)
			}
		})
	}
}

// claimed reports whether a Device claims that it has installed something.
func claimed(line string) bool { return strings.HasPrefix(line, "lamp closed success: it runs ") }

// offering is a service whose Device has installed 1.0.2, and is offered a flawed 1.0.3. The Device
// leaves the checks out that are named.
func offering(t *testing.T, f suit.Flaw, skips ...string) *service {
	t.Helper()
	s := newServiceOf(t, "GatewayToken "+token, func(vendor *suit.Vendor) depot.Shelf {
		return publishing(func(n uint64, r suit.Release) (files suit.Files, flaw string, err error) {
			if n < 3 {
				files, err = vendor.Publish(time.Now(), r)
				return files, "", err
			}
			files, err = vendor.PublishFlawed(f, time.Now(), r)
			return files, f.Name, err
		}, vendor)
	})
	if err := s.updater.Skip("lamp", skips); err != nil {
		t.Fatal(err)
	}
	for i, version := range []string{"1.0.0", "1.0.1"} {
		if a := s.ask(source.Fetch, version); !a.Available {
			t.Fatalf("at %s: %+v", version, a)
		}
		s.ask(source.Check, fmt.Sprintf("1.0.%d", i+1))
		s.condition("update-available")
	}
	s.heard()
	return s
}

// heard is what Devices have said since the last time, and the package of the latest success that can't
// be; nil: none.
func (s *service) heard() (said []string, doubt *source.Handed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	said, s.log = s.log, nil
	return said, s.doubt
}
