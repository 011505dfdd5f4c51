package fleet_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// rolled opens a fleet of so many Devices that nobody talks to.
func rolled(t testing.TB, devices int) *fleet.Fleet {
	t.Helper()
	m := model(t, sim.Config{})
	f, err := fleet.Open(fleet.Config{
		Devices: devices, Listen: addrPort("127.1.0.1:5683"), Conn: newFeed(), Seed: 7, Model: func(int) *sim.Model { return m },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestADeviceIsFoundByItsUUID checks of each Device of many that its uuid finds it, some of
// them by a uuid that begins like another's.
func TestADeviceIsFoundByItsUUID(t *testing.T) {
	const devices = 200_000 // among so many, several pairs have the same first 32 bits
	f := rolled(t, devices)
	begins, alike := map[[4]byte]bool{}, 0
	for i := range devices {
		id := f.ID(i)
		if got, ok := f.Made(id); !ok || got != i {
			t.Fatalf("the uuid of Device %d finds %d, %v", i, got, ok)
		}
		if first := [4]byte(id[:4]); begins[first] {
			alike++
		} else {
			begins[first] = true
		}
		id[15] ^= 1
		if got, ok := f.Made(id); ok {
			t.Fatalf("a uuid that nobody has finds %d", got)
		}
	}
	if alike == 0 {
		t.Error("no two uuids begin alike, so this was not tried")
	}
	if _, err := f.Find(ocf.UUID{1}.String()); err == nil {
		t.Error("a uuid that nobody has is found")
	}
}

// BenchmarkFind finds Devices among a million by their uuids.
func BenchmarkFind(b *testing.B) {
	f := rolled(b, 1_000_000)
	names := make([]string, 1000)
	for i := range names {
		names[i] = f.ID(i * 997).String()
	}
	if _, err := f.Find(names[0]); err != nil { // draws up the roll
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := f.Find(names[i%len(names)]); err != nil {
			b.Fatal(err)
		}
	}
}
