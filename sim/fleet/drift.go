package fleet

import "time"

// A Device whose clock drifts reads another time than the fleet: its clock and the fleet's
// begin together and go apart at a constant rate. All that the Device times goes by its own
// clock; what the endpoint times for it, such as retransmissions, goes by the fleet's.

// ppm returns how much faster than the fleet's the clock of a Device goes, in parts per
// million.
func (sh *shard) ppm(s *slot) float64 {
	if sh.drift == nil {
		return 0
	}
	return sh.drift(int(s.index))
}

// clock returns what the clock of a Device shows, since the fleet began.
func (sh *shard) clock(s *slot) time.Duration {
	now := sh.now()
	return now + time.Duration(float64(now)*sh.ppm(s)/1e6)
}

// wait returns how long the fleet has to wait until so much time has passed by the clock of a
// Device. If the clock is not there then, for want of a nanosecond, the wait is one longer.
func (sh *shard) wait(s *slot, after time.Duration) time.Duration {
	ppm := sh.ppm(s)
	if ppm == 0 {
		return after
	}
	now, until := sh.now(), sh.clock(s)+after
	wait := time.Duration(float64(until)/(1+ppm/1e6)) - now
	if at := now + wait; at+time.Duration(float64(at)*ppm/1e6) < until {
		wait++
	}
	return max(wait, 0)
}
