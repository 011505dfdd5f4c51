package fortune

import (
	"time"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// station is where a Device is in its processes.
type station struct {
	stage   sim.Stage
	entries uint32 // how many stages it has entered
}

// blowOf is the crashes of a profile, or its losses of power.
func blowOf(f *fleetfile.Profile, w what) *fleetfile.Blow {
	if w == crash || w == crashAll {
		return &f.Crash
	}
	return &f.PowerLoss
}

// kindOf is how a record calls crashes and losses of power.
func kindOf(w what) string {
	if w == crash || w == crashAll {
		return "crash"
	}
	return "power-loss"
}

// hits reports whether a profile crashes the Device, or takes its power.
func hits(f *fleetfile.Profile, w what, g *fleetfile.Group, within int) bool {
	if w == crash {
		return f.Crashes(g, within)
	}
	return f.LosesPower(g, within)
}

// planFaults puts the crashes and losses of power into the agenda that have a time.
func (c *Fortune) planFaults() {
	if c.faults != nil {
		for _, b := range c.faults.blows {
			if i := b.Device - c.first; i >= 0 && i < c.count {
				w := crash
				if b.Kind == "power-loss" {
					w = powerLoss
				}
				c.later(happening{at: b.At, device: int32(i), what: w, off: b.Off})
			}
		}
		return
	}
	for k, g := range c.plan.Groups {
		for p := range g.Faults {
			for _, w := range []what{crashAll, powerLossAll} {
				for _, at := range blowOf(&g.Faults[p], w).At {
					c.later(happening{at: at, device: int32(k), what: w, of: uint32(p)})
				}
			}
		}
	}
	for i := range c.count {
		g, _, within := c.groupOf(i)
		for p := range g.Faults {
			for _, w := range []what{crash, powerLoss} {
				if blowOf(&g.Faults[p], w).Every > 0 && hits(&g.Faults[p], w, g, within) {
					c.next(happening{device: int32(i), what: w, of: uint32(p), goesOn: drawn})
				}
			}
		}
	}
}

// next puts the next of h, which is drawn, into the agenda.
func (c *Fortune) next(h happening) {
	g, _, within := c.groupOf(int(h.device))
	f := &g.Faults[h.of]
	b := blowOf(f, h.what)
	h.at += g.Draw(f.Name+" "+kindOf(h.what)+" times").Of(within).Wait(uint64(h.n), b.Every)
	h.off = b.Off
	h.n++
	c.later(h)
}

// blowAll crashes all Devices of a group that a fault is for, or takes their power.
func (c *Fortune) blowAll(h happening) {
	g := c.plan.Groups[h.device]
	f := &g.Faults[h.of]
	w := crash
	if h.what == powerLossAll {
		w = powerLoss
	}
	for i := max(g.First-c.first, 0); i < min(g.First+g.Count-c.first, c.count); i++ {
		if hits(f, w, g, c.first+i-g.First) {
			c.blow(happening{at: h.at, device: int32(i), what: w, off: blowOf(f, w).Off, of: h.of})
		}
	}
}

// blow crashes a Device, or takes its power. A Device without power is spared.
func (c *Fortune) blow(h happening) {
	i := int(h.device)
	if h.goesOn == drawn {
		c.next(h)
	}
	if c.faults == nil {
		if g, _, _ := c.groupOf(i); !g.Faults[h.of].Holds(h.at) {
			return
		}
	}
	if c.fleet.IsOff(i) {
		return
	}
	c.mu.Lock()
	c.note(Line{At: h.at, Device: i, Kind: kindOf(h.what), Off: offOf(h)})
	c.mu.Unlock()
	if h.what == crash {
		c.fleet.Restart(i)
		return
	}
	c.fleet.SwitchOff(i)
	c.later(happening{at: h.at + h.off, device: h.device, what: switchOn})
}

// offOf is how long the power is away, 0 for a crash.
func offOf(h happening) time.Duration {
	if h.what == crash {
		return 0
	}
	return h.off
}

// Stage is told of the stage of the fleet's i-th Device, and says what happens to the
// Device there.
func (c *Fortune) Stage(i int, stage sim.Stage) fleet.Strike {
	g, o, within := c.groupOf(i)
	if c.faults == nil && !o.stages {
		return fleet.Spared
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stages == nil {
		c.stages = make([]station, c.count)
	}
	s := &c.stages[i]
	if s.stage == stage {
		return fleet.Spared
	}
	if s.stage = stage; stage == (sim.Stage{}) {
		return fleet.Spared
	}
	n := s.entries
	s.entries++
	h, struck := c.strike(i, stage, n, g, o, within)
	if !struck {
		return fleet.Spared
	}
	c.note(Line{At: c.now(), Device: i, Kind: kindOf(h.what), Off: offOf(h), Stage: stage.Name(), N: n})
	if h.what == crash {
		return fleet.Restarted
	}
	c.put(happening{at: c.now() + h.off, device: int32(i), what: switchOn})
	return fleet.CutOff
}

// strike decides what happens to a Device that enters its n-th stage.
func (c *Fortune) strike(i int, stage sim.Stage, n uint32, g *fleetfile.Group, o *odds, within int) (happening, bool) {
	if c.faults != nil {
		l, ok := c.faults.strikes[numbered{c.first + i, n}]
		h := happening{what: crash, off: l.Off}
		if l.Kind == "power-loss" {
			h.what = powerLoss
		}
		return h, ok
	}
	at := c.now()
	for k := range o.profiles {
		f := o.profiles[k].Profile
		for _, w := range []what{powerLoss, crash} {
			b := blowOf(f, w)
			draw := g.Draw(f.Name + " " + kindOf(w) + " stages").Of(within)
			if f.Holds(at) && draw.Chance(uint64(n), b.Stages[stage.Name()]) && hits(f, w, g, within) {
				return happening{what: w, off: b.Off}, true
			}
		}
	}
	return happening{}, false
}
