package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// fleetFlags are the flags of `ocfsim run` about a fleet file.
type fleetFlags struct {
	file   string
	shard  string
	dryRun bool
	record string
	replay string
	// virtual has the Devices do without sockets and without a clock.
	virtual bool

	plan     *fleetfile.Plan // what is in file; nil without one
	part     fleetfile.Shard
	fortune  *fortune.Fortune
	recorded *os.File        // nil without --record
	was      *fortune.Record // nil without --replay
}

func (f *fleetFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, "fleet", "", "run the Devices that are written in `FILE`, in groups, with what happens to them (`ocfsim init fleet` writes an example)")
	flags.StringVar(&f.shard, "shard", "", "of the fleet file, run the K-th of N parts only: `K/N`, such as 3/50")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what the fleet file plans, and run nothing")
	flags.StringVar(&f.record, "record", "", "write each fault that happens to the Devices of a fleet file to `FILE`, as NDJSON")
	flags.StringVar(&f.replay, "replay", "", "have the faults happen that are in the `RECORD` of an earlier run of the same fleet file")
	flags.BoolVar(&f.virtual, "virtual", false, "run the Devices of the fleet file in virtual time, as fast as the processors can: without sockets, for the TIME of --for")
	for _, other := range forClients() {
		cmd.MarkFlagsMutuallyExclusive("virtual", other)
	}
	for _, other := range []string{
		"devices", "behaviour", "variant", "deviation", "edition", "port-per-device", "moves", "twin", "source", "unsecured", "unowned",
	} {
		cmd.MarkFlagsMutuallyExclusive("fleet", other)
	}
}

// load reads the fleet file that the flags name, and has them ask for what it says.
func (f *runFlags) load(changed func(flag string) bool) (err error) {
	own := &f.fleet
	if own.file == "" {
		if own.shard != "" || own.dryRun || own.record != "" || own.replay != "" || own.virtual {
			return errors.New("--shard, --dry-run, --record, --replay and --virtual: they need a --fleet")
		}
		return nil
	}
	if own.record != "" && own.record == own.replay {
		return fmt.Errorf("--record %s: it would replace the record that is replayed", own.record)
	}
	if own.part, err = fleetfile.ParseShard(own.shard); err != nil {
		return fmt.Errorf("--shard: %w", err)
	}
	if own.plan, err = fleetfile.Load(own.file); err != nil {
		return err
	}
	if changed("seed") {
		own.plan.Reseed(f.seed)
	}
	first, count := own.part.Of(own.plan.Len())
	if count == 0 {
		return fmt.Errorf("--shard %s: a fleet of %d Devices has nothing for this part", own.shard, own.plan.Len())
	}
	f.seed, f.devices = own.plan.Seed, count
	if listen := netip.AddrPort(own.plan.Device(first).Addr); !changed("listen") {
		f.listen = listen.String()
	} else if port, err := parseListen(f.listen); err != nil {
		return err
	} else {
		f.listen = netip.AddrPortFrom(listen.Addr(), port.Port()).String() // the addresses are those of the file
	}
	secured, run := own.plan.Secured()
	f.security.unsecured, f.security.unowned = !secured, !run
	return nil
}

// stage makes the fortune of the run, and has cfg run the Devices of the fleet file.
func (f *runFlags) stage(cfg *fleet.Config, s secured) error {
	own := &f.fleet
	if own.plan == nil {
		return nil
	}
	c := fortune.Config{Plan: own.plan, Shard: own.part}
	models, err := fortune.New(c).Models(fortune.ModelConfig{Speed: f.speed, Epoch: time.Now().UTC(), Secure: s.owners()})
	if err != nil {
		return usage(fmt.Errorf("--fleet %s: %w", own.file, err))
	}
	if err := own.openRecords(&c); err != nil { // writes, so it comes when nothing is refused any more
		return err
	}
	own.fortune = fortune.New(c)
	first, count := own.fortune.Devices()
	cfg.First, cfg.Model = first, models.Of
	cfg.Between = own.fortune.Between
	own.fortune.Join(cfg)
	if src, ok := cfg.Source.(*source.Source); ok {
		cfg.Source = own.fortune.Source(src)
	}
	ranges := own.plan.Ranges(first, count)
	if len(ranges) > 1 {
		for _, r := range ranges {
			cfg.Ranges = append(cfg.Ranges, fleet.Range{First: r.First, Devices: r.Count})
		}
	}
	return nil
}

// maxRecord is the most bytes that a record may have to be replayed.
const maxRecord = bounded.Results

// openRecords reads the record that is replayed, and makes the one that is written.
func (f *fleetFlags) openRecords(c *fortune.Config) error {
	if f.replay != "" {
		in, err := bounded.Open(f.replay, maxRecord)
		if err != nil {
			return usage(fmt.Errorf("--replay: %w", err))
		}
		defer in.Close()
		if f.was, err = fortune.Read(f.replay, in); err == nil {
			err = f.was.Fits(*c)
		}
		if err != nil {
			return usage(fmt.Errorf("--replay %s: %w", f.replay, err))
		}
		c.Replay = f.was
	}
	if f.record != "" {
		out, err := os.Create(f.record)
		if err != nil {
			return usage(fmt.Errorf("--record: %w", err))
		}
		f.recorded = out
		c.Record = fortune.NewWriter(out, *c)
	}
	return nil
}

// begin has the fortune of the run begin, if there is one.
func (f *fleetFlags) begin(ctx context.Context, fl *fleet.Fleet) {
	if f.fortune != nil {
		f.fortune.Begin(ctx, fl)
	}
}

// end waits for the end of the fortune, and says how the Devices ended.
func (f *fleetFlags) end(tell *teller) error {
	if f.fortune == nil {
		return nil
	}
	f.fortune.Wait()
	tail, err := f.fortune.End()
	if err != nil {
		return harness(errors.Join(fmt.Errorf("--record: %w", err), f.recorded.Close()))
	}
	return f.conclude(tail, nil, tell)
}

// conclude closes the record, and says how the Devices ended; pass is nil if that took real
// time.
func (f *fleetFlags) conclude(tail fortune.Tail, pass *aPass, tell *teller) error {
	if f.recorded != nil {
		if err := f.recorded.Close(); err != nil {
			return harness(fmt.Errorf("--record: %w", err))
		}
	}
	e := ended{Event: "ended", Virtual: pass, Faults: tail.Faults, States: tail.States}
	differs := false
	if f.was != nil && f.was.Tail != nil {
		same := f.was.Tail.States.Equal(tail.States)
		e.AsRecorded, differs = &same, !same
	}
	if err := tell.ended(e); err != nil {
		return harness(err)
	}
	if differs {
		return exitWith(suite.ExitFail)
	}
	return nil
}

// owners is the security of Devices by their owner, as a fleet file names it; nil without
// security.
func (s secured) owners() fortune.Owners {
	if s.sim == nil {
		return nil
	}
	return func(owner string) (*sim.Security, error) {
		own := *s.sim
		switch owner {
		case fleetfile.Run:
			return &own, nil
		case "":
			own.Owner, own.OwnerKey = [16]byte{}, [16]byte{}
			return &own, nil
		}
		c, err := target.LoadCredential(owner)
		if err != nil {
			return nil, err
		}
		if len(c.Key) != len(own.OwnerKey) {
			return nil, fmt.Errorf("%s: expected a key of %d bytes", owner, len(own.OwnerKey))
		}
		own.Owner = c.ID
		copy(own.OwnerKey[:], c.Key)
		return &own, nil
	}
}
