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
const memoryAimed = 336 << 20

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
// what is kept about it, and what its notifications leave to the collector. With no room for
// it, the collector took two thirds of the processor time where each of 100,000 Devices had
// an observer.
const observerRoom = 1700

// aimAtFleet has the collector keep to what a large fleet of plain CoAP is to take, and to
// more while the fleet is observed or needs more, until ctx is done. How much sessions, a
// record of Clients or a state on disk take, nobody knows beforehand.
func aimAtFleet(ctx context.Context, c *fleet.Config, f *fleet.Fleet) {
	if c.Devices < manyDevices || c.Secure != nil || c.Witness != nil || c.Store != nil {
		return
	}
	aimAtMemory(c.Memory())
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				aimAtMemory(max(c.Memory(), enough()) + int64(f.Observers())*observerRoom)
			}
		}
	}()
}

// enough is how much memory the program may take, in bytes, so that the collector does not
// take the processor: a tenth more than what was in use when it last looked, and what is no
// heap.
func enough() int64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	n := int64(live[0].Value.Uint64())
	return n + n/10 + 16<<20
}
