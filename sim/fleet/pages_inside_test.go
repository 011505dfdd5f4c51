package fleet

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/sim"
)

// quiet opens a fleet of a page, and of some Devices of a second one, that nobody talks to.
// Devices from 1024 on check by themselves if own is not 0.
func quiet(t *testing.T, own time.Duration, change func(*Config)) *Fleet {
	t.Helper()
	behaviour := sim.Behaviour{Name: "success", Ends: "success", Source: sim.Patience{Timeout: time.Minute}}
	plain, err := sim.NewModel(sim.Config{Behaviour: behaviour})
	if err != nil {
		t.Fatal(err)
	}
	active := plain
	if own > 0 {
		behaviour.Autonomous = &sim.Schedule{After: own, Every: own, Starts: []string{"V"}}
		if active, err = sim.NewModel(sim.Config{Behaviour: behaviour}); err != nil {
			t.Fatal(err)
		}
	}
	c := Config{
		Devices: pageSlots + 100, Listen: netip.MustParseAddrPort("127.1.0.1:5683"), Conn: new(deaf), Seed: 7,
		Model: func(i int) *sim.Model {
			if i < pageSlots {
				return plain
			}
			return active
		},
	}
	if change != nil {
		change(&c)
	}
	f, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// pagesMade says which pages of a fleet were made.
func pagesMade(f *Fleet) (made []bool) {
	for _, page := range f.shard.slots.pages {
		made = append(made, page != nil)
	}
	return made
}

// A Device that is made late is the one that would have been made at the start, and
// whoever only looks makes none.
func TestDevicesAreMadeWhenNeeded(t *testing.T) {
	late := quiet(t, 0, nil)
	early := quiet(t, 0, func(c *Config) { c.Stage = func(int, sim.Stage) Strike { return Spared } })
	if diff := cmp.Diff([]bool{true, true}, pagesMade(early)); diff != "" {
		t.Errorf("where stages matter: %s", diff)
	}
	for i := range late.Len() {
		if late.State(i) != early.State(i) || late.Version(i) != early.Version(i) || late.DI(i) != early.DI(i) || late.Look(i) != early.Look(i) {
			t.Fatalf("device %d differs to whoever looks", i)
		}
	}
	if found, err := late.Find(early.ID(1030).String()); err != nil || found[0] != 1030 {
		t.Errorf("found %v, %v", found, err)
	}
	if diff := cmp.Diff([]bool{false, false}, pagesMade(late)); diff != "" {
		t.Errorf("after looking: %s", diff)
	}
	late.Restart(1030)
	if diff := cmp.Diff([]bool{false, true}, pagesMade(late)); diff != "" {
		t.Errorf("after a restart of Device 1030: %s", diff)
	}
	late.shard.do(func() {
		for s := range late.shard.made() {
			if s.index != 1030 {
				t.Errorf("Device %d is made with it", s.index)
			}
		}
	})
	early.Restart(1030)
	for i := range late.Len() {
		a, b := late.shard.slot(i), early.shard.slot(i)
		if diff := cmp.Diff(a.device.Save(), b.device.Save()); diff != "" || a.mid != b.mid || a.boot != b.boot || a.index != b.index {
			t.Fatalf("device %d: %s", i, diff)
		}
	}
}

// Devices stand side by side in the order in which they are made, however far apart their numbers
// are, and stay where they are.
func TestDevicesStandWhereTheyWereMade(t *testing.T) {
	f := quiet(t, 0, nil)
	sh := f.shard
	order := []int{pageSlots + 6, 5, pageSlots - 1, pageSlots, 0}
	where := map[int]*slot{}
	sh.do(func() {
		for _, i := range order {
			where[i] = sh.slot(i)
		}
		if sh.slots.made != uint32(len(order)) || len(sh.slots.list) != 1 {
			t.Errorf("%d Devices stand in %d slots on %d pages", len(order), sh.slots.made, len(sh.slots.list))
		}
		for i := range f.Len() {
			sh.slot(i)
		}
		if sh.slots.made != uint32(f.Len()) || len(sh.slots.list) != 2 {
			t.Errorf("%d Devices stand in %d slots on %d pages", f.Len(), sh.slots.made, len(sh.slots.list))
		}
		for n, i := range order {
			if s := sh.slot(i); s != where[i] || s != sh.slots.at(uint32(n+1)) || s.index != int32(i) {
				t.Errorf("Device %d has moved", i)
			}
		}
		next := int32(0)
		for s := range sh.made() {
			if s.index != next {
				t.Fatalf("Device %d follows Device %d", s.index, next-1)
			}
			next++
		}
	})
}

// Devices that do something of their own accord are made at the start, those of other pages
// are not.
func TestBusyDevicesAreMadeAtTheStart(t *testing.T) {
	f := quiet(t, time.Hour, nil)
	if diff := cmp.Diff([]bool{false, true}, pagesMade(f)); diff != "" {
		t.Error(diff)
	}
	if !f.shard.slot(pageSlots + 5).wake.isSet() {
		t.Error("a Device that checks by itself has no timer")
	}
}
