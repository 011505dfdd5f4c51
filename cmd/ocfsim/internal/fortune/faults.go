package fortune

import (
	"errors"
	"fmt"
	"io"

	"github.com/ocfsim/ocfsim/sim/impair"
)

// datagram is one datagram of a Device: the n-th on its way.
type datagram struct {
	device, way int
	n           uint32
}

// numbered is the n-th question of a Device, or the n-th stage that it enters.
type numbered struct {
	device int
	n      uint32
}

// Faults are what went wrong in a run, to go wrong again.
type Faults struct {
	Head Head
	Tail *Tail // nil if the run was killed before its end

	fates   map[datagram]Line
	outages map[numbered]bool
	strikes map[numbered]Line // crashes and losses of power on entering a stage
	blows   []Line            // those at a time
}

// ReadFaults reads the faults of a record; name stands in errors.
func ReadFaults(name string, r io.Reader) (*Faults, error) {
	rec := &Faults{fates: map[datagram]Line{}, outages: map[numbered]bool{}, strikes: map[numbered]Line{}}
	tape, err := OpenTape(name, r)
	if err != nil {
		return nil, err
	}
	rec.Head = tape.Head
	for {
		l, err := tape.Next()
		switch {
		case errors.Is(err, io.EOF):
			rec.Tail = tape.Tail
			return rec, nil
		case err == nil && l.Fault != nil:
			err = tape.at(rec.fault(*l.Fault))
		}
		if err != nil {
			return nil, err
		}
	}
}

// fault takes one fault.
func (r *Faults) fault(l Line) error {
	switch l.Kind {
	case "loss", "partition", "datagram":
		for way, name := range ways() {
			if name == l.Way && len(l.Copies) <= len(impair.Fate{}.Copies) {
				r.fates[datagram{l.Device, way, l.N}] = l
				return nil
			}
		}
		return fmt.Errorf("expected a way of %v and two copies at most, got %q and %d", ways(), l.Way, len(l.Copies))
	case "source-outage":
		r.outages[numbered{l.Device, l.N}] = true
	case "crash", "power-loss":
		if l.Stage != "" {
			r.strikes[numbered{l.Device, l.N}] = l
			return nil
		}
		r.blows = append(r.blows, l)
	default:
		return fmt.Errorf("unknown kind of fault %q", l.Kind)
	}
	return nil
}

// fate is what became of a datagram. kind is how a loss was called.
func (r *Faults) fate(d datagram) (fate impair.Fate, kind string) {
	l, ok := r.fates[d]
	if !ok {
		return impair.Intact(), ""
	}
	for k, c := range l.Copies {
		fate.N, fate.Copies[k] = k+1, impair.Copy(c)
	}
	return fate, l.Kind
}
