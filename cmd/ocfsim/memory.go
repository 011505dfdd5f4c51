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

// aimAtFleet has the collector keep to what a large fleet of plain CoAP is to take, and to
// more while the fleet is observed or needs more, until ctx is done. How much sessions, a
// record of Clients or a state on disk take, nobody knows beforehand.
func aimAtFleet(ctx context.Context, c *fleet.Config, f *fleet.Fleet) {
	if c.Devices < manyDevices || c.Secure != nil || c.Witness != nil || c.Store != nil {
		return
	}
	aim := c.Memory()
	aimAtMemory(aim)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				next := max(c.Memory(), enough()) + int64(f.Observers())*observerRoom
				if away := next - aim; away > nearly || away < -nearly { // a new limit stops the program for a moment
					aim = next
					aimAtMemory(aim)
				}
			}
		}
	}()
}

// nearly is how far a limit may be from what it is to be, in bytes.
const nearly = 1 << 20

// enough is how much memory the program may take, in bytes, so that the collector does not
// take the processor: a tenth more than what was in use when it last looked, and what is no
// heap.
func enough() int64 {
	all := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(all)
	live, rest := int64(all[0].Value.Uint64()), int64(all[1].Value.Uint64())
	for _, heap := range all[2:] {
		rest -= int64(heap.Value.Uint64())
	}
	return live + live/10 + rest
}
