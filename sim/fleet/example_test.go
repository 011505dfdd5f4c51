package fleet_test

import (
	"context"
	"fmt"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// A test can start Devices at ports that the system chooses. Package fixtures has
// the built-in behaviours.
func ExampleStart() {
	lamps, err := fleet.Start(context.Background(), fleet.Options{Devices: 10, Behaviours: []sim.Behaviour{behaviour}, Speed: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = lamps.Close() }()
	// Here a Client would talk to lamps.URI(0) and the others, and the test would
	// compare what the Client reports with the state of the lamps.
	fmt.Println(lamps.Len(), lamps.State(9).DOS, lamps.Stats().Requests)
	// Output: 10 RFNOP 0
}
