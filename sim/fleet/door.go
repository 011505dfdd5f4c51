package fleet

import "github.com/ocfsim/ocfsim/sim"

// doorkeeper is a Device that knows which sessions it accepts.
type doorkeeper interface{ Door() sim.Door }

func doorOf(s *slot) sim.Door {
	if d, ok := any(&s.device).(doorkeeper); ok {
		return d.Door()
	}
	return sim.Door{Closed: true, ID: s.device.ID()}
}
