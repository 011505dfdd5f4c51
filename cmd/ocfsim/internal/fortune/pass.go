package fortune

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Pass is Begin and Wait for a virtual fleet: it has everything happen that the plan and the
// Devices' timers have happen before a time, as fast as it can, or until ctx is done. What
// the plan has happen at a time comes before what Devices do at that time.
func (c *Fortune) Pass(ctx context.Context, f *fleet.Fleet, until time.Duration) {
	c.meet(f)
	c.prepare()
	var stopped atomic.Bool
	stopped.Store(ctx.Err() != nil)
	stop := context.AfterFunc(ctx, func() { stopped.Store(true) })
	defer stop()
	kept, over := context.WithCancel(ctx)
	defer over()
	go c.record.keep(kept)
	end := func() time.Duration {
		if stopped.Load() {
			return 0
		}
		return min(c.soonest(), until)
	}
	for {
		f.Pass(end)
		at := end()
		if at == 0 && stopped.Load() || at >= until {
			return
		}
		c.mu.Lock()
		h, due := c.agenda.due(at)
		c.mu.Unlock()
		if due {
			c.happen(h)
		}
	}
}

// soonest is the time of what comes first in the agenda; long, if there is nothing.
func (c *Fortune) soonest() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.agenda.wait(0)
}
