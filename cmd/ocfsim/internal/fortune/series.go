package fortune

import (
	"slices"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
)

// series is what happens to Devices of a group one after another. Only the next of it is in
// the agenda, so that it takes no memory for each Device.
type series struct {
	fleetfile.Series
	group *fleetfile.Group
	what  what
	start int // which Start of the group it is, of start
	// own are the places of the fleet's Devices in the series, where the fleet has so small a
	// part of it that to look at all the others would take longer. Nil: all are looked at.
	own []int32
}

// fewOwn is in which part of a series the fleet has its places listed, 1 for the whole.
const fewOwn = 1.0 / 16

// planSeries puts what the plan has happen by itself into the agenda. What happens to a
// Device at one time happens in the order of the series: it is switched on before it is
// offered anything, and it is offered something before it starts anything.
func (c *Fortune) planSeries() {
	for _, g := range c.plan.Groups {
		if g.RampUp != (fleetfile.RampUp{}) {
			c.begin(series{Series: g.Arrivals(), group: g, what: switchOn})
		}
		for k := range g.Waves {
			c.begin(series{Series: g.Offers(k), group: g, what: offer})
			if g.Waves[k].Withdrawn > 0 {
				c.begin(series{Series: g.Withdrawals(k), group: g, what: withdraw})
			}
		}
		for k := range g.Starts {
			c.begin(series{Series: g.Beginnings(k), group: g, what: start, start: k})
		}
	}
}

// begin puts the first of a series into the agenda.
func (c *Fortune) begin(s series) {
	s.list(c.within(s.group))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order++
	c.series = append(c.series, s)
	c.goOn(uint32(len(c.series)-1), 0)
}

// within are the Devices of a group that the fleet has, from first to before end, counted in
// the group.
func (c *Fortune) within(g *fleetfile.Group) (first, end int) {
	return max(c.first-g.First, 0), min(c.first+c.count-g.First, g.Count)
}

// list lists the places of the fleet's Devices, if they are few.
func (s *series) list(first, end int) {
	if float64(end-first) > fewOwn*float64(s.Len) {
		return
	}
	s.own = []int32{}
	for i := first; i < end; i++ {
		if k, ok := s.Place(i); ok {
			s.own = append(s.own, int32(k))
		}
	}
	slices.Sort(s.own)
}

// goOn puts into the agenda what comes in the n-th series as the k-th or later, for the first
// Device of the fleet. The lock is held.
func (c *Fortune) goOn(n, k uint32) {
	s := &c.series[n]
	if s.own != nil {
		at, _ := slices.BinarySearch(s.own, int32(k))
		if at == len(s.own) {
			return
		}
		k = uint32(s.own[at])
	}
	for ; int(k) < s.Len; k++ {
		within, at := s.Nth(int(k))
		if i := s.group.First + within - c.first; i >= 0 && i < c.count {
			c.agenda.put(happening{at: at, device: int32(i), what: s.what, goesOn: inSeries, n: k, of: n, order: n + 1})
			return
		}
	}
}
