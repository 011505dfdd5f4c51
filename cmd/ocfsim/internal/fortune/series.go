package fortune

import "github.com/ocfsim/ocfsim/fixtures/fleetfile"

// series is what happens to Devices of a group one after another. Only the next of it is in
// the agenda, so that it takes no memory for each Device.
type series struct {
	fleetfile.Series
	group *fleetfile.Group
	what  what
	start int // which Start of the group it is, of start
}

// planSeries puts what the plan has happen by itself into the agenda. What happens to a
// Device at one time happens in the order of the series: it is switched on before it is
// offered anything, and it is offered something before it starts anything.
func (c *Fortune) planSeries() {
	for _, g := range c.plan.Groups {
		if g.RampUp != (fleetfile.RampUp{}) {
			c.begin(series{g.Arrivals(), g, switchOn, 0})
		}
		for k := range g.Waves {
			c.begin(series{g.Offers(k), g, offer, 0})
			if g.Waves[k].Withdrawn > 0 {
				c.begin(series{g.Withdrawals(k), g, withdraw, 0})
			}
		}
		for k := range g.Starts {
			c.begin(series{g.Beginnings(k), g, start, k})
		}
	}
}

// begin puts the first of a series into the agenda.
func (c *Fortune) begin(s series) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order++
	c.series = append(c.series, s)
	c.goOn(uint32(len(c.series)-1), 0)
}

// goOn puts into the agenda what comes in the n-th series as the k-th or later, for the first
// Device of the fleet. The lock is held.
func (c *Fortune) goOn(n, k uint32) {
	for s := &c.series[n]; int(k) < s.Len; k++ {
		within, at := s.Nth(int(k))
		if i := s.group.First + within - c.first; i >= 0 && i < c.count {
			c.agenda.put(happening{at: at, device: int32(i), what: s.what, goesOn: inSeries, n: k, of: n, order: n + 1})
			return
		}
	}
}
