package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// memoryAimed is how much memory a run of the suite is to take, in bytes. The collector
// works harder as the program comes near, and no harder than that before. A run that needs
// more gets more.
const memoryAimed = 352 << 20

// manyTargets is from how many targets on a run of the suite may take all of memoryAimed. A
// few targets need far less, and the collector keeps them to twice that.
const manyTargets = 16

// growth is by how many percent the memory of a run against many targets may grow before
// the collector looks at it, unless that would be more than memoryAimed. With more the
// collector looks less often, but what is allocated is new to the system and to the caches
// (docs/adr/0181).
const growth = 200

// aimAtTargets has the collector work for a run against so many targets, unless the
// environment variable GOGC says how.
func aimAtTargets(targets int) {
	if targets > manyTargets && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}

// manyDevices is from how many Devices on the collector keeps to what a fleet is to take.
const manyDevices = 10_000

// aimAtMemory has the collector keep to that many bytes, unless the environment variable
// GOMEMLIMIT says what to keep to.
func aimAtMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// observerRoom is how much memory a fleet may take besides for each observation, in bytes:
// what is kept about it, and as much again for what the collector has not given back yet.
const observerRoom = 2 * fleet.ObserverMemory

// aimAtFleet has the collector let a large fleet grow, and keep one of plain CoAP to what it
// is to take, and to more while the fleet is observed or needs more, until ctx is done. How
// much sessions, a record of Clients or a state on disk take, nobody knows beforehand.
func aimAtFleet(ctx context.Context, c *fleet.Config, f *fleet.Fleet) {
	if c.Devices < manyDevices {
		return
	}
	plain := c.Secure == nil && c.Witness == nil && c.Store == nil
	paces := os.Getenv("GOGC") == ""
	aim, pace := c.Memory(), paceAt(0)
	if plain {
		aimAtMemory(aim)
	}
	if paces {
		debug.SetGCPercent(pace)
	}
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			live, rest := inUse()
			if next := paceAt(live); paces && next != pace { // as with a new limit, the program stops for a moment
				pace = next
				debug.SetGCPercent(pace)
			}
			next := max(c.Memory(), enough(live, rest)) + int64(f.Observers())*observerRoom
			if away := next - aim; plain && (away > nearly || away < -nearly) {
				aim = next
				aimAtMemory(aim)
			}
		}
	}()
}

const (
	// unhurried is how large the heap of a large fleet may become before the collector looks
	// at it, in bytes. Requests wait while it looks, and with Go's own 4 MiB it would look several times
	// while Devices are met for the first time.
	unhurried = 48 << 20
	// smallestHeap is at which size of the heap Go's collector begins, in bytes, for each 100
	// of debug.SetGCPercent.
	smallestHeap = 4 << 20
	// usualPace is what debug.SetGCPercent is unless somebody sets it.
	usualPace = 100
)

// paceAt is by how many percent the heap of a large fleet may grow above live bytes.
func paceAt(live int64) int {
	const most = usualPace * unhurried / smallestHeap
	return int(max(usualPace, min(most, 100*(unhurried-live)/max(live, 1))))
}

// nearly is how far a limit may be from what it is to be, in bytes.
const nearly = 1 << 20

// inUse is how much memory the heap had in use when the collector last looked, and how much
// the program takes besides the heap, in bytes.
func inUse() (live, rest int64) {
	all := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(all)
	live, rest = int64(all[0].Value.Uint64()), int64(all[1].Value.Uint64())
	for _, heap := range all[2:] {
		rest -= int64(heap.Value.Uint64())
	}
	return live, rest
}

// enough is how much memory the program may take, in bytes, so that the collector does not
// take the processor: a tenth more than the heap has in use, and what is no heap.
func enough(live, rest int64) int64 { return live + live/10 + rest }
