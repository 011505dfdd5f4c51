package fortune

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Replay has the Devices of a fleet do again what they did in a recorded run, each in the order
// in which it did it. The fleet's Config has Rerun.
type Replay struct {
	Tape  *Tape
	Speed float64 // how much faster than the run it goes; 0: it does not wait at all
	Ended func()  // is called when all was done again; nil: nobody wants to know

	departures map[int]bool // the numbers of the Devices that did not do as in the run
	first      *Departure
	whole      bool
	err        error
}

// Departure says where a Device did not do as it did in the run.
type Departure struct {
	Device int           `json:"device"` // its number
	At     time.Duration `json:"at_ns"`  // since the start of the run
	After  string        `json:"after"`  // what had happened to it
	Is     string        `json:"is"`
	Was    string        `json:"was"` // in the run
}

// Outcome is what a Replay has shown, once Fortune.Wait has returned.
type Outcome struct {
	// AsRecorded says whether each Device ended as in the run; nil if nobody knows, because the
	// run was killed before it could say how its Devices ended.
	AsRecorded *bool      `json:"-"`
	Whole      bool       `json:"whole"`    // the record was replayed to its end
	Departed   int        `json:"departed"` // how many Devices were not as in the run after something that happened
	First      *Departure `json:"first,omitempty"`
}

// Exact reports whether nothing is known in which the replay was not as the run.
func (o *Outcome) Exact() bool {
	return o.Whole && o.Departed == 0 && (o.AsRecorded == nil || *o.AsRecorded)
}

// String has a line for each thing that is to be said besides AsRecorded.
func (o *Outcome) String() string {
	text := ""
	if !o.Whole {
		text += "The replay was ended before the record was.\n"
	}
	if o.AsRecorded == nil {
		text += "The record does not say how the Devices ended: its run was killed.\n"
	}
	if d := o.First; d != nil {
		text += fmt.Sprintf("Devices that did not do as in the record: %d. The first is number %d, %v after the start: after %q it was %s, and in the record %s.\n",
			o.Departed, d.Device, d.At, d.After, d.Is, d.Was)
	}
	return text
}

// Outcome says what the Replay has shown of Devices that have ended as a Tail says. The error
// says that the record can't be read any further.
func (r *Replay) Outcome(t Tail) (*Outcome, error) {
	o := &Outcome{Whole: r.whole, Departed: len(r.departures), First: r.first}
	if was := r.Tape.Tail; was != nil || !r.whole {
		same := r.whole && was.States.Equal(t.States)
		o.AsRecorded = &same
	}
	return o, r.err
}

// play has everything on the tape happen until there is no more, or until ctx is done.
func (r *Replay) play(ctx context.Context, c *Fortune) {
	r.departures = map[int]bool{}
	for ctx.Err() == nil && !r.whole && r.err == nil {
		r.step(ctx, c)
	}
	if r.Ended != nil {
		r.Ended()
	}
}

// step has the next line of the tape happen.
func (r *Replay) step(ctx context.Context, c *Fortune) {
	l, err := r.Tape.Next()
	switch {
	case errors.Is(err, io.EOF):
		r.whole = true
	case err != nil:
		r.err = err
	case l.Fault != nil:
		c.mu.Lock()
		c.tally(*l.Fault)
		c.mu.Unlock()
	case r.wait(ctx, c, l.Deed.At):
		r.err = r.Tape.at(r.again(c, l.Deed))
	}
}

// wait waits until it is time for what happened at a time of the run. It is false if ctx was
// done before.
func (r *Replay) wait(ctx context.Context, c *Fortune, at time.Duration) bool {
	if r.Speed <= 0 {
		return ctx.Err() == nil
	}
	wait := time.Duration(float64(at)/r.Speed) - c.now()
	if wait <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// again has a Device do again what it did.
func (r *Replay) again(c *Fortune, d *Deed) error {
	e, err := d.entry(c.first)
	if err != nil {
		return err
	}
	if e.Device < 0 || e.Device >= c.count {
		return fmt.Errorf("the run has no Device %d", d.Device)
	}
	e = c.fleet.Repeat(e)
	if is := endOf(e.State, e.Version, e.Off); is != d.Is && !r.departures[d.Device] {
		r.departures[d.Device] = true
		if r.first == nil {
			r.first = &Departure{Device: d.Device, At: d.At, After: d.What, Is: is, Was: d.Is}
		}
	}
	return nil
}
