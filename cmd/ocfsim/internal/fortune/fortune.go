// Package fortune has what a fleet file plans happen to the Devices of a fleet: they are
// switched on one after another, are offered updates in waves, start processes by
// themselves, and suffer faults. All that happens is recorded, and a Replay has the Devices do
// it again.
package fortune

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// Config says whose fortune to make. Plan is required.
type Config struct {
	Plan   *fleetfile.Plan
	Shard  fleetfile.Shard // the part of Plan that the fleet has
	Terms  Terms           // for the record
	Record *Writer         // nil: faults are counted only
	Faults *Faults         // the faults are those of it; nil: they are drawn
	Replay *Replay         // nothing is drawn: the Devices do what is recorded there; nil: they do it by themselves
	// Virtual is for a fleet without a clock: Pass has everything happen, and nothing
	// happens by itself.
	Virtual bool
}

// Fortune is what happens to the Devices of one run. Give Source and Between to the fleet, have it
// joined, and call Begin once the fleet is open. Its methods may be called from any goroutine.
type Fortune struct {
	plan   *fleetfile.Plan
	shard  fleetfile.Shard
	first  int // number of the fleet's first Device
	count  int
	record *Writer
	faults *Faults
	replay *Replay

	virtual bool
	began   time.Time
	fleet   *fleet.Fleet
	done    sync.WaitGroup
	wake    chan struct{} // something was put into the agenda

	mu      sync.Mutex // the fleet's lock is taken before it, never after it
	agenda  agenda
	series  []series
	order   uint32  // of what was put into the agenda last; series come first
	groups  []*odds // by the index of the group
	network []trips // by Device; nil without a bad network
	asked   []uint32
	stages  []station
	counts  map[string]int
}

// New makes the fortune of a run that starts now.
func New(c Config) *Fortune {
	first, count := c.Shard.Of(c.Plan.Len())
	k := &Fortune{
		plan: c.Plan, shard: c.Shard, first: first, count: count, record: c.Record, faults: c.Faults, replay: c.Replay,
		virtual: c.Virtual, began: time.Now(), wake: make(chan struct{}, 1), counts: map[string]int{},
	}
	for _, g := range c.Plan.Groups {
		k.groups = append(k.groups, oddsOf(g))
	}
	return k
}

// Devices are the numbers of the fleet's Devices: count from first on.
func (c *Fortune) Devices() (first, count int) { return c.first, c.count }

// now is the time since the run started.
func (c *Fortune) now() time.Duration {
	if !c.virtual {
		return time.Since(c.began)
	}
	if c.fleet == nil { // it is being opened
		return 0
	}
	return c.fleet.Now()
}

// groupOf is the group of the fleet's i-th Device, its odds, and which Device of the group
// it is.
func (c *Fortune) groupOf(i int) (g *fleetfile.Group, o *odds, within int) {
	number := c.first + i
	k := sort.Search(len(c.groups), func(k int) bool { return c.plan.Groups[k].First > number }) - 1
	g = c.plan.Groups[k]
	return g, c.groups[k], number - g.First
}

// Begin has everything happen in its time until ctx is done. Then End says how it ended.
func (c *Fortune) Begin(ctx context.Context, f *fleet.Fleet) {
	c.meet(f)
	happen := c.run
	if c.replay != nil {
		happen = func(ctx context.Context) { c.replay.play(ctx, c) }
	} else {
		c.prepare()
	}
	kept, over := context.WithCancel(ctx)
	go c.record.keep(kept)
	c.done.Go(func() {
		defer over()
		happen(ctx)
	})
}

// meet says that the fleet is open: its time begins now.
func (c *Fortune) meet(f *fleet.Fleet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fleet, c.began = f, time.Now()
}

// prepare switches off the Devices that come later, takes back what is offered later, and puts
// into the agenda what is planned.
func (c *Fortune) prepare() {
	f, waves := c.fleet, false
	for i := range c.count {
		g, _, within := c.groupOf(i)
		waves = waves || len(g.Waves) > 0
		if g.SwitchedOn(within) > 0 {
			f.SwitchOff(i)
		}
	}
	if waves {
		f.OfferEach(func(i int) bool {
			g, _, _ := c.groupOf(i)
			return len(g.Waves) == 0
		})
	}
	c.planSeries()
	c.planFaults()
	c.mu.Lock()
	c.agenda.sort()
	c.mu.Unlock()
}

// Wait waits until nothing happens any more, after the context of Begin is done.
func (c *Fortune) Wait() { c.done.Wait() }

// run has everything in the agenda happen when its time has come.
func (c *Fortune) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		c.mu.Lock()
		now := c.now()
		h, due := c.agenda.due(now)
		wait := c.agenda.wait(now)
		c.mu.Unlock()
		if due {
			c.happen(h)
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-c.wake:
		}
	}
}

// later puts something into the agenda.
func (c *Fortune) later(h happening) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(h)
}

// put is later with the lock held.
func (c *Fortune) put(h happening) {
	c.order++
	h.order = c.order
	c.agenda.put(h)
	select {
	case c.wake <- struct{}{}:
	default: // the run knows already
	}
}

// happen has something happen now.
func (c *Fortune) happen(h happening) {
	i, beginning := int(h.device), 0
	if h.goesOn == inSeries {
		c.mu.Lock()
		beginning = c.series[h.of].start
		c.goOn(h.of, h.n+1)
		c.mu.Unlock()
	}
	switch h.what {
	case switchOn:
		c.fleet.SwitchOn(i)
	case offer, withdraw:
		c.fleet.Offer(i, h.what == offer)
	case start:
		g, _, _ := c.groupOf(i)
		c.fleet.Begin(i, bitsOf(g.Starts[beginning].Starts))
	case crash, powerLoss:
		c.blow(h)
	case crashAll, powerLossAll:
		c.blowAll(h)
	}
}

// bitsOf are the processes that "V", "U" or "V+U" starts.
func bitsOf(starts string) ocf.DPM {
	switch starts {
	case "V":
		return ocf.SVV
	case "U":
		return ocf.SSU
	}
	return ocf.SVV | ocf.SSU
}

// note says that a fault has happened, and records it. The lock is held.
func (c *Fortune) note(l Line) {
	l.Event = "fault"
	g, _, _ := c.groupOf(l.Device)
	l.Group, l.Device = g.Name, c.first+l.Device
	c.tally(l)
}

// tally counts a fault, and records it. The lock is held.
func (c *Fortune) tally(l Line) {
	for _, kind := range l.kinds() {
		c.counts[kind]++
	}
	c.record.write(l)
}

// Counts says how many faults of each kind have happened.
func (c *Fortune) Counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int, len(c.counts))
	for kind, n := range c.counts {
		counts[kind] = n
	}
	return counts
}

// Drift is how much faster than true the clock of the fleet's i-th Device goes, in ppm.
func (c *Fortune) Drift(i int) float64 {
	g, _, within := c.groupOf(i)
	return g.Drift(within)
}

// Join has the fleet of cfg tell the fortune of stages of processes, and ask it how fast
// clocks go, where the plan has anything to say about it.
func (c *Fortune) Join(cfg *fleet.Config) {
	if c.any(func(o *odds) bool { return o.drift }) {
		cfg.Drift = c.Drift
	}
	switch {
	case c.replay != nil: // nothing new strikes
	case c.faults != nil && len(c.faults.strikes) > 0, c.faults == nil && c.any(func(o *odds) bool { return o.stages }):
		cfg.Stage = c.Stage
	}
}

func (c *Fortune) any(has func(*odds) bool) bool { return slices.ContainsFunc(c.groups, has) }

// Source is s with the outages of the plan.
func (c *Fortune) Source(s *source.Source) fleet.World {
	if !c.hasOutages() {
		return s
	}
	return &failing{Source: s, fortune: c}
}
