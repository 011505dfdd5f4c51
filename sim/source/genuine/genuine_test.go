package genuine_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/genuine"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// behaviour is a Device whose check takes 200 ms and whose update takes 1 s. An update that
// is to fail does so at the source.
var behaviour = sim.Behaviour{
	Name: "success", Ends: "success", Fault: string(source.BadSignature),
	Source:     sim.Patience{Timeout: 10 * time.Minute},
	Validation: sim.Validation{Takes: 200 * time.Millisecond},
	Update:     sim.Update{Steps: []sim.Step{{After: time.Second}}},
	Announce:   20 * time.Millisecond,
	Power:      sim.Power{Off: 3 * time.Second},
}

// pair is two Devices that are offered packages with one flaw: one makes every check, the
// other leaves out the one that finds the flaw.
type pair struct {
	flaw              suit.Flaw
	careful, careless int
}

// world is a fleet with real packages in memory, inside a bubble.
type world struct {
	*testing.T
	fleet  *fleet.Fleet
	source *genuine.Source
	pairs  []pair

	mu   sync.Mutex
	last map[string]updater.Report // by Device
}

func inWorld(t *testing.T, f func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, last: map[string]updater.Report{}}
		var models []*sim.Model
		for _, flaw := range suit.Flaws() {
			w.pairs = append(w.pairs, pair{flaw, len(models), len(models) + 1})
			models = append(models, w.model(), w.model(careless(flaw)))
		}
		src, err := genuine.New(genuine.Config{Every: true, Tell: w.told})
		if err != nil {
			t.Fatal(err)
		}
		w.source = src
		conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		w.fleet, err = fleet.Open(fleet.Config{
			Devices: len(models), Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: conn,
			Model: func(i int) *sim.Model { return models[i] }, Source: src,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.fleet.Serve(ctx) }()
		f(w)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
}

// careless is the deviation of a Device that a flaw gets past.
func careless(f suit.Flaw) sim.Deviation {
	d := sim.Deviation{Name: "careless", Skips: []string{string(f.Check)}}
	switch f.Check {
	case suit.CheckFormat:
		d.Skips = []string{string(suit.CheckSignature)} // what can't be read stays out all the same
	case suit.CheckRollback:
		d.Quirks = []string{"older-installed"} // the Device itself compares versions too
	}
	d.Package = f.Name
	return d
}

func (w *world) model(deviations ...sim.Deviation) *sim.Model {
	w.Helper()
	m, err := sim.NewModel(sim.Config{Behaviour: behaviour, Deviations: deviations})
	if err != nil {
		w.Fatal(err)
	}
	return m
}

func (w *world) told(r updater.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last[r.Question.Device] = r
}

// offerGood has the source offer a good package to every Device.
func (w *world) offerGood() {
	w.Helper()
	if _, err := w.fleet.Condition("", "update-available"); err != nil {
		w.Fatal(err)
	}
}

// courses starts a process at every Device and returns the states that each goes through,
// "tm,cm" in hex as NOTES writes them, until nothing happens any more.
func (w *world) courses(condition string) []string {
	w.Helper()
	states := make([][]string, w.fleet.Len())
	look := func() {
		for i := range states {
			s := w.fleet.State(i)
			now := fmt.Sprintf("%02x,%02x", uint16(s.TM), uint16(s.CM))
			if n := len(states[i]); n == 0 || states[i][n-1] != now {
				states[i] = append(states[i], now)
			}
		}
	}
	look()
	if _, err := w.fleet.Condition("", condition); err != nil {
		w.Fatal(err)
	}
	for range 300 { // 3 s
		synctest.Wait()
		look()
		<-time.After(10 * time.Millisecond)
	}
	courses := make([]string, len(states))
	for i, s := range states {
		courses[i] = strings.Join(s, " ")
	}
	return courses
}

// inImage reports whether a flaw shows only once the image has been fetched.
func inImage(f suit.Flaw) bool {
	return slices.Contains([]string{"tampered", "mix-and-match", "too-long", "too-short", "install-fails", "other-version"}, f.Name)
}

// Each flawed package is refused by a Device that makes every check: in the check, or in the
// update if only the image is flawed. The update then ends without a success, and the
// software is what it was. A Device that leaves the one check out announces the update.
// After that both install a good package, unless the attack has prevented just that.
func TestEveryFlawAtEveryDevice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.offerGood()
		for i, course := range w.courses("autonomous-update") {
			w.expect("a good package", i, course, "00,00 80,00 80,80 00,80", "1.0.1")
		}
		for _, p := range w.pairs {
			for _, i := range []int{p.careful, p.careless} {
				w.source.Set(w.fleet.ID(i).String(), source.Offer{Newer: true, Package: p.flaw.Name})
			}
		}
		checks, updates := w.courses("autonomous-validation"), w.courses("autonomous-update")
		for _, p := range w.pairs {
			found, none := "00,80 40,80 40,c0 00,c0", "00,80 40,80 00,80"
			check, begins := none, "00,80"
			if inImage(p.flaw) {
				check, begins = found, "00,c0"
			}
			if checks[p.careful] != check {
				w.Errorf("%s: the check went %s, expected %s", p.flaw.Name, checks[p.careful], check)
			}
			w.expect(p.flaw.Name, p.careful, updates[p.careful], begins+" 80,00 00,00", "1.0.1")
			w.refused(p)
			if p.flaw.Check != suit.CheckFormat {
				w.installed(p, updates[p.careless])
			}
		}
		w.offerGood()
		for i, course := range w.courses("autonomous-update") {
			p := w.pairs[i/2]
			want := "80,00 80,80 00,80"
			if p.flaw.Name == "fast-forward" && i == p.careless {
				want = "80,00 00,00" // this is what the attack is for: nothing is ever newer
			}
			if !strings.HasSuffix(course, want) {
				w.Errorf("%s: a good package afterwards went %s at device %d, expected %s", p.flaw.Name, course, i, want)
			}
		}
	})
}

// expect compares what a Device did with what it should do.
func (w *world) expect(what string, i int, course, want, version string) {
	w.Helper()
	if course != want || w.fleet.Version(i) != version {
		w.Errorf("%s: device %d went %s and has %s, expected %s and %s", what, i, course, w.fleet.Version(i), want, version)
	}
}

// refused expects that the Device that makes every check refused its package by the one.
func (w *world) refused(p pair) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.last[w.fleet.ID(p.careful).String()]
	if r.Refusal == nil || r.Refusal.Check != p.flaw.Check || r.Package == "" {
		w.Errorf("%s: got report %+v, expected a refusal by %s", p.flaw.Name, r, p.flaw.Check)
	}
}

// installed expects that the careless Device announces an update.
func (w *world) installed(p pair, course string) {
	w.Helper()
	if !strings.HasSuffix(course, "80,00 80,80 00,80") || w.fleet.Version(p.careless) == "1.0.1" {
		w.Errorf("%s: without the check %s the update went %s, and the Device has %s",
			p.flaw.Name, p.flaw.Check, course, w.fleet.Version(p.careless))
	}
}
