package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// forClients are the flags of `ocfsim run` that are of no use where nobody can reach the
// Devices, or look at them while they run.
func forClients() []string {
	return []string{
		"observers", "control", "serve-source", "state", "capture", "keylog", "judge-clients", "credentials", "trust", "otm", "pin",
		"listen-http", "watch", "history", "dry-run", "replay",
	}
}

// aPass is what is said of a run in virtual time.
type aPass struct {
	Devices int     `json:"devices"`
	Span    float64 `json:"span_s"` // how much time has passed for the Devices
	Events  uint64  `json:"events"` // that happened to them
	Took    float64 `json:"took_s"` // how long that took
}

// text is p in the words that a person reads.
func (p *aPass) text() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%v of virtual time, %s: %s in %.1f s\n",
		time.Duration(p.Span*float64(time.Second)), ocf.Count(p.Devices, "Device"), ocf.Count(p.Events, "event"), p.Took)
}

// aPart is a part of the Devices, and what became of them.
type aPart struct {
	config fortune.Config
	offset int // of its first Device among all that run
	tail   fortune.Tail
	events uint64
	seen   *chronicled // nil without --events
}

// runVirtually runs the Devices of a fleet file without sockets and without a clock, one part
// after another on each processor. What the parts do does not depend on how many there are.
func runVirtually(ctx context.Context, flags runFlags, log *slog.Logger, tell *teller) error {
	own := &flags.fleet
	if flags.lasts <= 0 {
		return usage(fmt.Errorf("--virtual needs --for, the time that passes; %v is none", flags.lasts))
	}
	if _, err := fleetConfig(flags); err != nil {
		return usage(err)
	}
	owners, err := nobodysOwners(own.plan)
	if err != nil {
		return harness(err)
	}
	all := fortune.Config{Plan: own.plan, Shard: own.part, Virtual: true, Terms: fortune.Terms{Speed: flags.speed, Epoch: time.Now().UTC()}}
	if owners != nil {
		all.Terms.Owner = nobody().String()
	}
	if err := own.openReplay(&all); err != nil {
		return usage(err)
	}
	models, err := fortune.New(all).Models(fortune.ModelConfig{Terms: all.Terms, Secure: owners})
	if err != nil {
		return usage(fmt.Errorf("--fleet %s: %w", own.file, err))
	}
	if err := own.openRecord(&all); err != nil {
		return usage(err)
	}
	seen, err := chronicle(&flags, tell)
	if err != nil {
		return harness(err)
	}
	parts := divide(all, seen)
	began := time.Now()
	if err := runParts(parts, func(p *aPart) error { return p.run(ctx, &flags, models, log) }); err != nil {
		return usage(fmt.Errorf("--fleet %s: %w", own.file, errors.Join(err, seen.close())))
	}
	if err := seen.close(); err != nil {
		return harness(err)
	}
	sum, pass := parts[0].tail, &aPass{Devices: flags.devices, Events: parts[0].events}
	sum.Faults = maps.Clone(sum.Faults)
	for _, p := range parts[1:] {
		sum.At = min(sum.At, p.tail.At)
		sum.States = sum.States.Plus(p.tail.States)
		for kind, n := range p.tail.Faults {
			sum.Faults[kind] += n
		}
		pass.Events += p.events
	}
	pass.Span, pass.Took = sum.At.Seconds(), time.Since(began).Seconds()
	return own.conclude(sum, pass, tell)
}

// partDevices is how many Devices a part has at most. So many stay in the cache of a
// processor together with all that is kept about them.
const partDevices = 8192

// divide divides the Devices into parts. What is recorded or told, one part has in the order
// of its time.
func divide(all fortune.Config, seen *chronicled) []aPart {
	first, count := all.Shard.Of(all.Plan.Len())
	n := max((count+partDevices-1)/partDevices, min(runtime.GOMAXPROCS(0), count))
	if all.Record != nil || seen != nil {
		n = 1
	}
	parts := make([]aPart, n)
	for i := range parts {
		c := all
		if n > 1 {
			c.Shard = fleetfile.Shard{K: (max(all.Shard.K, 1)-1)*n + i + 1, N: max(all.Shard.N, 1) * n}
		}
		at, _ := c.Shard.Of(c.Plan.Len())
		parts[i] = aPart{config: c, offset: at - first, seen: seen}
	}
	return parts
}

// runParts runs the parts, as many at a time as there are processors.
func runParts(parts []aPart, run func(*aPart) error) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	failed := make([]error, len(parts))
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				failed[i] = run(&parts[i])
			}
		})
	}
	workers.Wait()
	return errors.Join(failed...)
}

// run runs the part.
func (p *aPart) run(ctx context.Context, flags *runFlags, models *fortune.Models, log *slog.Logger) error {
	lot := fortune.New(p.config)
	first, count := lot.Devices()
	trusted := source.New(source.Config{})
	defer trusted.Close() // nobody is told of what it has not answered
	cfg := fleet.Config{
		Devices: count, First: first, Listen: p.config.Plan.Device(first).Addr, Seed: flags.seed,
		Model:  func(i int) *sim.Model { return models.Of(p.offset + i) },
		Source: lot.Source(trusted), Virtual: true, Log: log,
	}
	lot.Join(&cfg)
	if p.config.Record != nil {
		cfg.Journal = lot
	}
	p.seen.watch(&cfg)
	f, err := fleet.Open(cfg)
	if err != nil {
		return err
	}
	defer f.Close()
	p.seen.begin(f)
	lot.Pass(ctx, f, flags.lasts)
	p.seen.end()
	p.events = f.Happened()
	p.tail, err = lot.End()
	return err
}

// nobody owns the Devices of a run that nobody can reach.
func nobody() ocf.UUID { return ocf.UUID{1} }

// nobodysOwners is the security of Devices that nobody can reach. The run's own owner has no
// credential that anybody would need.
func nobodysOwners(plan *fleetfile.Plan) (fortune.Owners, error) {
	if any, _ := plan.Secured(); !any {
		return nil, nil
	}
	maker, err := lab.NewMaker()
	if err != nil {
		return nil, err
	}
	s := secured{sim: maker.Security()}
	s.sim.Owner, s.sim.OwnerKey, s.sim.Epoch = nobody(), [16]byte{1}, time.Now().UTC()
	return s.owners(""), nil
}
