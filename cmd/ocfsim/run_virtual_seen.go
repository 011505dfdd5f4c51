package main

import (
	"errors"
	"io"
	"os"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// chronicled is the --events of a run in virtual time. Nil writes nothing.
type chronicled struct {
	events *lookout.Chronicle
	file   *os.File // nil for stdout
	group  func(i int) string
	board  *lookout.Board
	meter  *lookout.Meter
	err    error // of writing
}

// chronicle opens what the events of a run in virtual time are written to; nil without --events.
func chronicle(flags *runFlags, tell *teller) (*chronicled, error) {
	seen := &flags.seen
	if seen.events == "" {
		return nil, nil
	}
	kinds, rate, err := seen.chosen()
	if err != nil {
		return nil, err
	}
	c := &chronicled{group: flags.fleet.groups()}
	var w io.Writer
	if w, c.file, err = seen.open(tell.w); err != nil {
		return nil, err
	}
	c.events = lookout.NewChronicle(w, kinds, rate)
	return c, nil
}

// watch has the fleet of cfg tell what happens.
func (c *chronicled) watch(cfg *fleet.Config) {
	if c == nil {
		return
	}
	c.board = lookout.NewBoard(cfg.Devices, c.events)
	cfg.Watch = c.board
}

// begin begins to write what happens to f.
func (c *chronicled) begin(f *fleet.Fleet) {
	if c == nil {
		return
	}
	roster := &lookout.Roster{Fleet: f, Group: c.group, Virtual: true}
	c.meter = lookout.NewMeter(roster, c.board)
	c.events.Begin(roster)
}

// end writes the summary, once all time has passed and before the fleet is closed.
func (c *chronicled) end() {
	if c != nil {
		c.err = c.events.Close(c.meter)
	}
}

// close closes the file. Its error is the first that writing had.
func (c *chronicled) close() error {
	if c == nil {
		return nil
	}
	if c.file == nil {
		return c.err
	}
	return errors.Join(c.err, c.file.Close())
}
