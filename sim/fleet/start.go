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

// Options say what Start starts. Every field except Behaviours has a useful zero
// value.
type Options struct {
	// Behaviours are what the Devices play. Device i plays the i-th; after the last
	// behaviour the list starts again. Package fixtures has the built-in ones.
	Behaviours []sim.Behaviour
	Devices    int     // 0: one for each behaviour
	Speed      float64 // divides the durations of the behaviours; 0: 1
	// Listen is the address of the first Device; each further Device gets the next
	// address. If it is zero, all Devices are at 127.0.0.1, each at a port that the
	// system chooses.
	Listen netip.AddrPort
	Seed   uint64       // for uuids and jitter
	Log    *slog.Logger // nil: silent
}

// Running is a fleet that serves until Close. It has its own trusted source, so
// Condition works.
type Running struct {
	*Fleet
	models []*sim.Model // in the order of Options.Behaviours
	stop   context.CancelFunc
	served chan struct{}
	source *source.Source
	err    error // what Serve returned
}

// Start opens a fleet of unsecured Devices on real sockets and serves it until ctx
// is done or Close is called. It combines Open and Serve for use in tests. For a
// fleet that is secured, in memory or keeps its state, use Open and Serve.
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

// models makes a model for each behaviour.
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

// URI returns the URI of Device i, such as "coap://127.0.0.1:49152".
func (r *Running) URI(i int) string { return "coap://" + r.Addr(i).String() }

// Behaviour returns the behaviour that Device i plays.
func (r *Running) Behaviour(i int) sim.Behaviour { return r.models[i%len(r.models)].Behaviour() }

// Close stops the Devices and waits until everything of them has stopped. It returns
// the error that Serve ended with. It may be called more than once.
func (r *Running) Close() error {
	r.stop()
	<-r.served
	return errors.Join(r.err, r.source.Close())
}
