package lookout

import (
	"bufio"
	"io"
	"time"
)

// Chronicle writes what happens in a virtual fleet as the lines that Events writes. Nobody
// talks to such a fleet, and its time stands still meanwhile, so each line is written at once:
// none is left out for want of room. The rate is one of virtual time.
type Chronicle struct {
	*sieve
	scribe scribe
	early  []queued      // what happened before Begin
	told   time.Duration // until when it was told what the rate has left out
}

// NewChronicle makes what writes events of these kinds to w, at most rate a second of virtual
// time of each kind; 0 is no limit. Nothing is written before Begin.
func NewChronicle(w io.Writer, kinds KindSet, rate float64) *Chronicle {
	return &Chronicle{sieve: newSieve(kinds, rate), scribe: scribe{w: bufio.NewWriterSize(w, 1<<16)}, told: telling}
}

// Take writes an event, or leaves it out.
func (c *Chronicle) Take(h *Happening) {
	if c.scribe.roster != nil && h.At >= c.told {
		c.scribe.tellLeftOut(c.sieve, c.scribe.roster.Began().Add(c.told))
		c.told = h.At.Truncate(telling) + telling
	}
	if !c.admits(h) {
		return
	}
	q := queuedOf(h)
	if c.scribe.roster == nil {
		c.early = append(c.early, q)
		return
	}
	c.scribe.happened(&q)
}

// Begin begins to write. It is called before time passes.
func (c *Chronicle) Begin(r *Roster) {
	c.scribe.roster = r
	for i := range c.early {
		c.scribe.happened(&c.early[i])
	}
	c.early = nil
}

// Close writes what was left out and dropped, and a summary, once no more time passes. Its
// error is the first that writing had.
func (c *Chronicle) Close(m *Meter) error {
	c.scribe.tellDrops(c.sieve, m)
	c.scribe.tellLeftOut(c.sieve, c.scribe.roster.Began().Add(min(c.told, c.scribe.roster.Now())))
	c.scribe.conclude(m)
	return c.scribe.err
}
