// Package lab joins the two halves that otherwise meet only on the wire: it runs
// virtual Devices in this process and describes each as a target of the harness.
package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/genuine"
)

// Specimen is one Device to embed: a name for reports and what it is made of.
type Specimen struct {
	Name string
	Own  target.Method // how the harness becomes its owner; "" is Just Works
	sim.Config
}

// Config describes a Lab. Conn, Secure and Dial are for an in-memory network; with
// nil the Devices are on loopback sockets.
type Config struct {
	Specimens []Specimen
	Copies    int            // of each specimen, besides it
	Unsecured bool           // only plain CoAP; else the Devices are secured and have no owner yet
	Moves     bool           // they come back from each restart and reset at another address
	Listen    netip.AddrPort // address of the first Device
	Seed      uint64
	Replay    fleet.Replay // answers in the Devices' place what it knows; nil: nobody does
	Store     fleet.Store  // keeps what the Devices must not lose with their power; nil: nothing does
	Conn      fleet.Conn
	Secure    fleet.Conn
	Dial      func(ctx context.Context, endpoint string) (net.Conn, error)
	Witness   fleet.Witness // is told of what the harness does; nil for nobody
	Log       *slog.Logger
}

// Lab is a running fleet of specimens and its trusted source.
type Lab struct {
	fleet   *fleet.Fleet
	targets []target.Config   // the specimens
	copies  [][]target.Config // of each specimen
	stop    context.CancelFunc
	done    chan struct{}
	err     error
	once    sync.Once
}

// Open starts a Device for each specimen, in order.
func Open(cfg Config) (*Lab, error) {
	var maker *Maker
	if !cfg.Unsecured {
		var err error
		if maker, err = NewMaker(); err != nil {
			return nil, err
		}
	}
	models, err := modelsOf(cfg.Specimens, maker)
	if err != nil {
		return nil, err
	}
	src, err := sourceOf(models, cfg.Log)
	if err != nil {
		return nil, err
	}
	f, err := fleet.Open(fleet.Config{
		Devices: len(models) * (1 + cfg.Copies),
		Listen:  cfg.Listen,
		Model:   func(i int) *sim.Model { return models[i%len(models)] },
		Source:  src,
		Seed:    cfg.Seed,
		Store:   cfg.Store,
		Replay:  cfg.Replay,
		Moves:   cfg.Moves,
		Beside:  true,
		Conn:    cfg.Conn,
		Secure:  maker.Secure(cfg.Secure),
		Witness: cfg.Witness,
		Log:     cfg.Log,
	})
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &Lab{fleet: f, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.err = errors.Join(f.Serve(ctx), src.Close())
	}()
	for i, s := range cfg.Specimens {
		var all []target.Config
		for n := i; n < f.Len(); n += len(models) {
			all = append(all, cfg.target(f, n, s, models[i].Bounds(), maker))
		}
		l.targets, l.copies = append(l.targets, all[0]), append(l.copies, all[1:])
	}
	return l, nil
}

// sourceOf is the trusted source of the models: one that plays its faults, or one with real
// packages if a model is about those.
func sourceOf(models []*sim.Model, log *slog.Logger) (closableWorld, error) {
	if slices.ContainsFunc(models, func(m *sim.Model) bool { return m.Package() != "" }) {
		return genuine.New(genuine.Config{Log: log})
	}
	return source.New(source.Config{Log: log}), nil
}

// closableWorld is a trusted source that the lab has opened.
type closableWorld interface {
	fleet.World
	Close() error
}

// target describes Device n of f, which is of specimen s.
func (cfg Config) target(f *fleet.Fleet, n int, s Specimen, b sim.Bounds, maker *Maker) target.Config {
	t := describe(f, n, s.Name, b, cfg.Dial)
	if cfg.Moves {
		t.Seek = func(context.Context) ([]target.Found, error) { return whereabouts(f), nil }
	}
	if maker != nil {
		t.Profile.Secured = true
		t.Security = security(f, n, s, maker)
	}
	return t
}

// whereabouts are the Devices of f where they are now, as a multicast would find them.
func whereabouts(f *fleet.Fleet) []target.Found {
	var all []target.Found
	for i := range f.Len() {
		found := target.Found{DI: f.DI(i), Endpoints: []string{"coap://" + f.Addr(i).String()}}
		if at := f.SecureAddr(i); at.IsValid() {
			found.Endpoints = append(found.Endpoints, "coaps://"+at.String())
		}
		all = append(all, found)
	}
	return all
}

// modelsOf makes a model for each specimen: secured and unowned, from this maker, or
// unsecured if maker is nil.
func modelsOf(specimens []Specimen, maker *Maker) ([]*sim.Model, error) {
	models := make([]*sim.Model, len(specimens))
	for i, s := range specimens {
		s.Config.Security, s.Config.Epoch = maker.Security(), time.Now().UTC()
		m, err := sim.NewModel(s.Config)
		if err != nil {
			return nil, fmt.Errorf("specimen %s: %w", s.Name, err)
		}
		models[i] = m
	}
	return models, nil
}

// security says how the harness becomes the owner of Device i. It reads a PIN where
// the Device shows it.
func security(f *fleet.Fleet, i int, s Specimen, maker *Maker) target.Security {
	out := target.Security{Own: cmp.Or(s.Own, target.JustWorks)}
	switch out.Own {
	case target.RandomPIN:
		out.ReadPIN = func() (string, error) { return f.PIN(i), nil }
	case target.ManufacturerCertificate:
		out.Roots = maker.Roots()
	}
	return out
}

// Targets describes the Devices to the harness, in the order of the specimens.
func (l *Lab) Targets() []target.Config { return l.targets }

// Copies describes the copies of each specimen, in the order of the specimens.
func (l *Lab) Copies() [][]target.Config { return l.copies }

// Fleet is the running fleet.
func (l *Lab) Fleet() *fleet.Fleet { return l.fleet }

// Close ends the fleet and waits for it.
func (l *Lab) Close() error {
	l.once.Do(func() {
		l.stop()
		<-l.done
	})
	return l.err
}

// describe is what a vendor would write into the target file of Device i.
func describe(f *fleet.Fleet, i int, name string, b sim.Bounds, dial func(context.Context, string) (net.Conn, error)) target.Config {
	return target.Config{
		Profile: conformance.Profile{
			Name:     name,
			Endpoint: "coap://" + f.Addr(i).String(),
			Supports: conformance.Supports{Validation: true, Update: true, Autonomous: true, SoftwareUpdate: b.Scheduled},
			Timing: conformance.Timing{
				Validation: atLeast(b.Validation, time.Second),
				Update:     atLeast(b.Update, time.Second),
				Settle:     settle + b.Tells,
				Reboot:     atLeast(b.Reboot, 2*time.Second),
			},
			Sleep:  conformance.Sleep(b.Sleep),
			Update: conformance.Update{DOS: b.DOS, Reboots: b.Reboots, Version: b.Version},
			Policy: conformance.Policy{SSUStartClears: "either"},
		},
		Conditions: inProcess{fleet: f, device: f.Addr(i).String()},
		Dial:       dial,
	}
}

// settle is the time within which an embedded Device notifies its observers of a
// change, besides what its behaviour waits. The time is for a busy machine to pass the
// notification on.
const settle = 50 * time.Millisecond

// atLeast keeps a bound above what a busy machine needs to schedule a Device.
func atLeast(d, floor time.Duration) time.Duration { return max(d, floor) }

// unsupported is the error for a condition that is not available. It has the fleet's
// text, and errors.Is takes it for the fleet's error and for the target's.
type unsupported struct{ error }

// Is reports whether other is the error of a target for such a condition.
func (unsupported) Is(other error) bool { return other == target.ErrUnsupported }

// Unwrap is the fleet's error.
func (u unsupported) Unwrap() error { return u.error }

// inProcess grants the conditions of one embedded Device without a hook.
type inProcess struct {
	fleet  *fleet.Fleet
	device string // its address: by an id the fleet would have to look at all of them
}

// Apply brings the Device into the state that the condition names.
func (c inProcess) Apply(_ context.Context, name string) (*conformance.SourceReport, error) {
	report, err := c.fleet.Condition(c.device, name)
	switch {
	case errors.Is(err, fleet.ErrUnsupported):
		return nil, unsupported{err}
	case err != nil:
		return nil, err
	}
	if name != conformance.ReportSource {
		return nil, nil
	}
	out := &conformance.SourceReport{
		Checks: report.Checks, Fetches: report.Fetches, Served: report.Served,
		Holding: report.Holding, Version: report.Version, Unanswered: report.Unanswered, Unreachable: report.Unreachable, Said: report.Said,
	}
	if h := report.Last; h != nil {
		out.Last = &conformance.Handed{
			Package: h.Package, Version: h.Version, Bytes: h.Bytes, Of: h.Of,
			Good: h.Good, Faults: h.Faults, Number: h.Number, Claimed: h.Claimed,
		}
	}
	return out, nil
}
