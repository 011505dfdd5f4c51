package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// Moment is when the power goes, as seen from a durable write. A write that the cut
// tears is one that was not made: a Store keeps all of it or nothing.
type Moment string

// The moments.
const (
	Before Moment = "before" // nothing of the write is kept
	After  Moment = "after"  // it is kept, and nobody was told of it
	Told   Moment = "told"   // it is kept, and what tells of it has left
)

// Cut is one power cut. The zero value is none.
type Cut struct {
	Write  int // the durable write, counted from 1
	Moment Moment
	Again  bool // and once more after the first durable write since the power was back
}

// String reads "before write 3".
func (c Cut) String() string {
	text := fmt.Sprintf("%s write %d", c.Moment, c.Write)
	if c.Moment == Told {
		text = fmt.Sprintf("once write %d was told of", c.Write)
	}
	if c.Again {
		text += ", and again after the next one"
	}
	return text
}

// Flaw is how the memory of a Device fails: what it has after a power cut, given all
// that was ever written to it, the last write last.
type Flaw func(written []sim.Saved) sim.Saved

// power is the power supply of one Device, and the fleet.Store that holds what
// outlasts a cut. When the power goes, nothing that the Device sends arrives any more,
// and nothing that it writes is kept.
type power struct {
	net   *memnet.Net
	off   time.Duration // how long a cut lasts
	cut   Cut
	flaw  Flaw         // nil: the memory is sound
	fleet *fleet.Fleet // of the one Device

	mu      sync.Mutex
	written []written
	bench   bool // the bench is bringing about a condition
	gone    bool // there is no power
	rec     *conformance.Recorder
	outage  *outage // nil: none yet
}

// written is one durable write.
type written struct {
	saved sim.Saved
	bench bool // a condition made the Device write, not a Client and not its own course
}

// outage is the last power cut as it came.
type outage struct {
	durable sim.Saved // what was written last
	updates bool      // an update ran, at this cut or at the one before
	again   bool      // it is the second one
	back    bool      // the power is back
	state   sim.State // what the Device showed then
}

var errNoPower = errors.New("there is no power")

// Save keeps what the Device has written, unless the power goes first.
func (p *power) Save(list []fleet.Kept) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return errNoPower
	}
	hit := p.cut.Write == len(p.written)+1 && p.outage == nil
	again := p.cut.Again && p.outage != nil && !p.outage.again
	if hit && p.cut.Moment == Before {
		p.lose()
		return errNoPower
	}
	saved := list[0].Saved
	if saved.Security != nil { // the Device goes on to change what it points to
		var err error
		if saved, err = copied(saved); err != nil {
			return err
		}
	}
	p.written = append(p.written, written{saved, p.bench})
	switch {
	case hit && p.cut.Moment == After, again:
		p.lose()
		p.outage.again = again
	case hit: // at the next instant: what is sent in this one arrives
		time.AfterFunc(1, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.lose()
		})
	}
	return nil
}

// lose takes the power away until p.off has passed. The recording tells of it as of a
// restart that the bench has made. The caller holds the lock.
func (p *power) lose() {
	p.gone = true
	p.net.Impair(memnet.Impairment{Loss: 1})
	updates := p.outage != nil && p.outage.updates
	p.outage = &outage{}
	if len(p.written) > 0 {
		p.outage.durable = p.written[len(p.written)-1].saved
	}
	p.outage.updates = updates || p.outage.durable.Running == ocf.SSU
	if p.rec != nil {
		restart := conformance.Observation{Kind: conformance.Condition, Name: conformance.Reboot, Outcome: conformance.Asked, Text: p.cut.String()}
		p.rec.Append(restart)
		restart.Outcome = conformance.Done
		p.rec.Append(restart)
	}
	go p.fleet.SwitchOff(0) // the fleet may be in the middle of Save
	time.AfterFunc(p.off, p.restore)
}

// restore gives the power back.
func (p *power) restore() {
	p.mu.Lock()
	p.gone = false
	p.mu.Unlock()
	p.net.Impair(memnet.Impairment{})
	p.fleet.SwitchOn(0)
	state := p.fleet.State(0)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outage.back, p.outage.state = true, state
}

// copied is saved as a file would give it back.
func copied(saved sim.Saved) (out sim.Saved, err error) {
	text, err := json.Marshal(saved)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// Load is what the Device finds when its power is back.
func (p *power) Load(ocf.UUID) (saved sim.Saved, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.written) == 0 {
		return saved, false, nil
	}
	if p.flaw != nil {
		return p.flaw(states(p.written)), true, nil
	}
	saved, err = copied(p.written[len(p.written)-1].saved)
	return saved, true, err
}

// told is everything that was written until now, and the last cut.
func (p *power) told() ([]written, *outage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.written), p.outage
}

func states(all []written) []sim.Saved {
	list := make([]sim.Saved, len(all))
	for i, w := range all {
		list[i] = w.saved
	}
	return list
}

// stays has no more cuts come.
func (p *power) stays() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = Cut{}
}

// watch is a target whose recordings tell of the power.
func (p *power) watch(t steps.Target) steps.Target { return watched{t, p} }

type watched struct {
	steps.Target
	power *power
}

// Client opens the named Client. A scenario has one Recorder for all of its Clients.
func (w watched) Client(ctx context.Context, name string, rec *conformance.Recorder) (steps.Client, error) {
	w.power.mu.Lock()
	w.power.rec = rec
	w.power.mu.Unlock()
	return w.Target.Client(ctx, name, rec)
}

// Condition brings the Device into a state. What the Device writes meanwhile is the
// bench's doing, but not what follows once its source answers.
func (w watched) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	w.power.byBench(name != conformance.Release)
	defer w.power.byBench(false)
	return w.Target.Condition(ctx, name)
}

func (p *power) byBench(is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bench = is
}
