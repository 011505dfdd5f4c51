package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// Options say what Start starts. All but Behaviours has a useful zero value.
type Options struct {
	// Behaviours are what the Devices play: Device i plays the i-th, and after the
	// last of them the first again. Package fixtures has the built-in ones.
	Behaviours []sim.Behaviour
	Devices    int     // 0: one for each of Behaviours
	Speed      float64 // divides the durations of the behaviours; 0: 1
	// Listen is the address of the first Device, and the next Device takes the next
	// one. Zero: all of them are at 127.0.0.1, each at a port that the system chooses.
	Listen netip.AddrPort
	Seed   uint64       // of uuids and jitter
	Log    *slog.Logger // nil: silent
}

// Running is a fleet that serves until Close, with a trusted source of its own:
// its Devices have Conditions.
type Running struct {
	*Fleet
	models []*sim.Model // in the order of Options.Behaviours
	stop   context.CancelFunc
	served chan struct{}
	source *source.Source
	err    error // of Serve
}

// Start opens a fleet of unsecured Devices on real sockets and serves it until ctx
// is done or Close is called. It is Open and Serve for a test; a fleet that is secured,
// lives in memory or keeps its state is made with those.
func Start(ctx context.Context, o Options) (*Running, error) {
	models, err := o.models()
	if err != nil {
		return nil, err
	}
	c := Config{
		Devices: o.Devices, Listen: o.Listen, Seed: o.Seed, Log: o.Log,
		Model: func(i int) *sim.Model { return models[i%len(models)] },
	}
	if c.Devices == 0 {
		c.Devices = len(models)
	}
	if !c.Listen.IsValid() {
		c.Listen, c.PortPerDevice = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0), true
	}
	r := &Running{models: models, served: make(chan struct{}), source: source.New(source.Config{Log: o.Log})}
	c.Source = r.source
	if r.Fleet, err = Open(c); err != nil {
		return nil, errors.Join(err, r.source.Close())
	}
	ctx, r.stop = context.WithCancel(ctx)
	go func() {
		defer close(r.served)
		r.err = r.Serve(ctx)
	}()
	return r, nil
}

// models are a model for each behaviour.
func (o Options) models() ([]*sim.Model, error) {
	if len(o.Behaviours) == 0 {
		return nil, errors.New("fleet: Behaviours: none for the Devices to play")
	}
	var models []*sim.Model
	for _, b := range o.Behaviours {
		m, err := sim.NewModel(sim.Config{Behaviour: b, Speed: o.Speed})
		if err != nil {
			return nil, fmt.Errorf("fleet: Behaviours: %w", err)
		}
		models = append(models, m)
	}
	return models, nil
}

// URI is where Device i is: "coap://127.0.0.1:49152".
func (r *Running) URI(i int) string { return "coap://" + r.Addr(i).String() }

// Behaviour is what Device i plays.
func (r *Running) Behaviour(i int) sim.Behaviour { return r.models[i%len(r.models)].Behaviour() }

// Close ends the Devices and waits until nothing of them runs any more. The error
// is the one that Serve ended with. It may be called again.
func (r *Running) Close() error {
	r.stop()
	<-r.served
	return errors.Join(r.err, r.source.Close())
}
