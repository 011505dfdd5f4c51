package main

import (
	"os"
	"runtime/debug"

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

// underWay is how much memory a fleet may take for what is asked at the moment, in bytes,
// besides what fleet.Config.Memory counts.
const underWay = 32 << 20

// aimAtFleet has the collector keep to what a large fleet of plain CoAP is to take. How
// much sessions, a record of Clients or a state on disk take, nobody knows beforehand.
func aimAtFleet(c *fleet.Config) {
	if c.Devices >= manyDevices && c.Secure == nil && c.Witness == nil && c.Store == nil {
		aimAtMemory(c.Memory() + underWay)
	}
}
