package controller_test

import (
	"context"
	"testing"
	"time"

	"example.com/controller"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// start runs ten lamps on loopback, at ports that the system chooses. They play
// the behaviours in turn, a hundred times as fast as they are written.
func start(t *testing.T, names ...string) *fleet.Running {
	t.Helper()
	var behaviours []sim.Behaviour
	for _, name := range names {
		b, err := fixtures.Behaviour(name)
		if err != nil {
			t.Fatal(err)
		}
		behaviours = append(behaviours, b)
	}
	lamps, err := fleet.Start(t.Context(), fleet.Options{Devices: 10, Behaviours: behaviours, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lamps.Close(); err != nil {
			t.Error(err)
		}
	})
	return lamps
}

// TestUpdate wants the Client to make of each lamp what the lamp did.
func TestUpdate(t *testing.T) {
	lamps := start(t, "success", "no-update", "failure")
	want := map[string]controller.Outcome{
		"success": controller.Updated, "no-update": controller.UpToDate, "failure": controller.Failed,
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := range lamps.Len() {
		plays, version := lamps.Behaviour(i).Name, lamps.Version(i)
		got, err := controller.Update(ctx, lamps.Addr(i).String())
		if err != nil {
			t.Fatalf("lamp %d, %s: %v", i, plays, err)
		}
		if got != want[plays] {
			t.Errorf("lamp %d, %s: %s, want %s", i, plays, got, want[plays])
		}
		if updated := lamps.Version(i) != version; updated != (got == controller.Updated) {
			t.Errorf("lamp %d, %s: %s, and its version was %s, is %s", i, plays, got, version, lamps.Version(i))
		}
		if state := lamps.State(i); state.TM != 0 {
			t.Errorf("lamp %d, %s: it is still busy: %v", i, plays, state)
		}
	}
	stats := lamps.Stats()
	if stats.Observers != 0 {
		t.Errorf("the Client left %d observations behind", stats.Observers)
	}
	if stats.Resets+stats.Malformed > 0 || stats.Notifications == 0 {
		t.Errorf("the lamps counted %+v", stats)
	}
}
