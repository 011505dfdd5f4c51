package fortune

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/impair"
)

// odds is what can go wrong in a group, in the form in which it is asked for.
type odds struct {
	profiles []profileOdds
	network  bool // some datagrams suffer
	outages  bool
	stages   bool // entering a stage can be the end of it
	drift    bool // some clocks drift
}

// profileOdds is one profile of a group.
type profileOdds struct {
	*fleetfile.Profile
	impairment        impair.Impairment
	partition, outage cuts
}

func oddsOf(g *fleetfile.Group) *odds {
	o := &odds{}
	for k := range g.Faults {
		f := &g.Faults[k]
		p := profileOdds{
			Profile: f,
			impairment: impair.Impairment{
				Loss: f.Network.Loss / 100, Duplicate: f.Network.Duplicate / 100,
				Reorder: f.Network.Reorder / 100, Corrupt: f.Network.Corrupt / 100,
				Delay: f.Network.Delay, Jitter: f.Network.Jitter,
			},
			partition: cuts{Cut: f.Partition, draw: g.Draw(f.Name + " partitions")},
			outage:    cuts{Cut: f.SourceOutage, draw: g.Draw(f.Name + " source-outages")},
		}
		o.profiles = append(o.profiles, p)
		o.network = o.network || p.impairment != impair.Impairment{} || f.Partition.For > 0
		o.outages = o.outages || f.SourceOutage.For > 0
		o.drift = o.drift || f.Clock.Drift != fleetfile.Drift{}
		o.stages = o.stages || len(f.Crash.Stages)+len(f.PowerLoss.Stages) > 0
	}
	return o
}

// impairment is what datagrams of the group suffer at a time.
func (o *odds) impairment(at time.Duration) impair.Impairment {
	var all impair.Impairment
	for k := range o.profiles {
		if p := &o.profiles[k]; p.Holds(at) {
			all = all.Both(p.impairment)
		}
	}
	return all
}

// cuts are the times at which a Cut holds. Those that come at random are drawn one after
// another, as far as time has come.
type cuts struct {
	fleetfile.Cut
	draw  fleetfile.Draw
	drawn []time.Duration // when they begin
}

// hold reports whether the Cut holds at a time.
func (c *cuts) hold(at time.Duration) bool {
	if c.For == 0 {
		return false
	}
	within := func(begins time.Duration) bool { return at >= begins && at-begins < c.For }
	if slices.ContainsFunc(c.At, within) {
		return true
	}
	if c.Every == 0 {
		return false
	}
	for len(c.drawn) == 0 || c.drawn[len(c.drawn)-1]+c.For <= at {
		n := len(c.drawn)
		begins := c.draw.Wait(uint64(n), c.Every)
		if n > 0 {
			begins += c.drawn[n-1] + c.For
		}
		c.drawn = append(c.drawn, begins)
	}
	return slices.ContainsFunc(c.drawn[max(0, len(c.drawn)-2):], within)
}
