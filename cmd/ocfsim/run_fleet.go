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
	"github.com/ocfsim/ocfsim/ocf"
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
	again  string // the record whose faults happen again
	// virtual has the Devices do without sockets and without a clock.
	virtual bool

	plan     *fleetfile.Plan // what is in file; nil without one
	part     fleetfile.Shard
	fortune  *fortune.Fortune
	recorded *os.File        // nil without --record
	tape     *os.File        // nil without --replay
	played   *fortune.Replay // nil without --replay
	faults   *fortune.Faults // nil without --replay-faults
	sourced  *groupSources
}

func (f *fleetFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, "fleet", "", "run the Devices that are written in `FILE`, in groups, with what happens to them (`ocfsim init fleet` writes an example)")
	flags.StringVar(&f.shard, "shard", "", "of the fleet file, run the K-th of N parts only: `K/N`, such as 3/50")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what the fleet file plans, and run nothing")
	flags.StringVar(&f.record, "record", "", "write all that happens to the Devices of a fleet file to `FILE`, as NDJSON, and with it the keys that they are given")
	flags.StringVar(&f.replay, "replay", "", "have the Devices do again what they did in the `RECORD` of a run of the same fleet file, --speed times as fast")
	flags.StringVar(&f.again, "replay-faults", "", "have only the faults happen again that are in the `RECORD` of a run of the same fleet file")
	flags.BoolVar(&f.virtual, "virtual", false, "run the Devices of the fleet file in virtual time, as fast as the processors can: without sockets, for the TIME of --for")
	for _, other := range forClients() {
		cmd.MarkFlagsMutuallyExclusive("virtual", other)
	}
	for _, other := range []string{
		"devices", "behaviour", "variant", "deviation", "edition", "port-per-device", "moves", "twin", "source", "unsecured", "unowned",
	} {
		cmd.MarkFlagsMutuallyExclusive("fleet", other)
	}
	for _, other := range []string{"replay-faults", "state", "serve-source"} {
		cmd.MarkFlagsMutuallyExclusive("replay", other)
	}
}

// load reads the fleet file that the flags name, and has them ask for what it says.
func (f *runFlags) load(changed func(flag string) bool) (err error) {
	own := &f.fleet
	if own.file == "" {
		if own.shard != "" || own.dryRun || own.record != "" || own.replay != "" || own.again != "" || own.virtual {
			return errors.New("--shard, --dry-run, --record, --replay, --replay-faults and --virtual: they need a --fleet")
		}
		return nil
	}
	if own.part, err = fleetfile.ParseShard(own.shard); err != nil {
		return fmt.Errorf("--shard: %w", err)
	}
	if own.plan, err = fleetfile.Load(own.file); err != nil {
		return err
	}
	if err := unreached(own.plan); own.virtual && err != nil {
		return err
	}
	if changed("seed") {
		own.plan.Reseed(f.seed)
	}
	first, count := own.part.Of(own.plan.Len())
	if count == 0 {
		return fmt.Errorf("--shard %s: a fleet of %s has nothing for this part", own.shard, ocf.Count(own.plan.Len(), "Device"))
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
	c := fortune.Config{Plan: own.plan, Shard: own.part, Terms: fortune.Terms{Speed: f.speed, Epoch: time.Now().UTC()}}
	if s.sim != nil && !s.sim.Owner.IsNil() {
		c.Terms.Owner = s.sim.Owner.String()
	}
	if err := own.openReplay(&c); err != nil {
		return usage(err)
	}
	models, err := fortune.New(c).Models(fortune.ModelConfig{Terms: c.Terms, Secure: s.owners(c.Terms.Owner)})
	if err != nil {
		return usage(fmt.Errorf("--fleet %s: %w", own.file, err))
	}
	if err := own.openRecord(&c); err != nil { // writes, so it comes when nothing is refused any more
		return usage(err)
	}
	own.fortune = fortune.New(c)
	own.aim(cfg)
	cfg.Model = models.Of
	return nil
}

// aim has cfg run the Devices of the fleet file, with what the fortune has happen to them.
func (f *fleetFlags) aim(cfg *fleet.Config) {
	first, count := f.fortune.Devices()
	cfg.First, cfg.Rerun = first, f.played != nil
	if f.recorded != nil {
		cfg.Journal = f.fortune
	}
	if ranges := f.plan.Ranges(first, count); len(ranges) > 1 {
		for _, r := range ranges {
			cfg.Ranges = append(cfg.Ranges, fleet.Range{First: r.First, Devices: r.Count})
		}
	}
	f.fortune.Join(cfg)
	if cfg.Rerun {
		return
	}
	cfg.Between = f.fortune.Between
	if src, ok := cfg.Source.(*source.Source); ok {
		cfg.Source = f.fortune.Source(src)
	}
	cfg.SourceOf = f.fortune.SourceOf(f.sourced.one)
}

// maxRecord is the most bytes that a record may have whose faults are to happen again: they are
// kept in memory.
const maxRecord = bounded.Results

// openReplay opens the record that is replayed. What the Devices depend on is as it was then.
func (f *fleetFlags) openReplay(c *fortune.Config) (err error) {
	switch {
	case f.again != "":
		return f.openFaults(c)
	case f.replay == "":
		return nil
	}
	if f.tape, err = os.Open(f.replay); err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	tape, err := fortune.OpenTape(f.replay, f.tape)
	if err == nil {
		err = tape.Head.Fits(*c)
	}
	if err != nil {
		return fmt.Errorf("--replay %s: %w", f.replay, errors.Join(err, f.tape.Close()))
	}
	f.played = &fortune.Replay{Tape: tape, Speed: c.Terms.Speed}
	c.Replay, c.Terms = f.played, tape.Head.Terms
	return nil
}

// openFaults reads the record whose faults are to happen again.
func (f *fleetFlags) openFaults(c *fortune.Config) error {
	in, err := bounded.Open(f.again, maxRecord)
	if err != nil {
		return fmt.Errorf("--replay-faults: %w", err)
	}
	defer in.Close()
	if f.faults, err = fortune.ReadFaults(f.again, in); err == nil {
		err = f.faults.Head.Fits(*c)
	}
	if err != nil {
		return fmt.Errorf("--replay-faults %s: %w", f.again, err)
	}
	c.Faults = f.faults
	return nil
}

// openRecord makes the record of the run, which only the file's owner may read: it has the keys
// of Devices that were onboarded.
func (f *fleetFlags) openRecord(c *fortune.Config) error {
	if f.record == "" {
		return nil
	}
	out, err := os.OpenFile(f.record, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("--record: %w", err)
	}
	if at, err := out.Stat(); err == nil && at.Mode().IsRegular() {
		if err := out.Chmod(0o600); err != nil { // it was there before, for others to read
			return fmt.Errorf("--record: %w", errors.Join(err, out.Close()))
		}
	}
	f.recorded = out
	c.Record = fortune.NewWriter(out, *c)
	return nil
}

// begin has the fortune of the run begin, if there is one. A replay stops the run when it has
// come to its end.
func (f *fleetFlags) begin(ctx context.Context, fl *fleet.Fleet, stop context.CancelFunc) {
	if f.fortune == nil {
		return
	}
	if f.played != nil {
		f.played.Ended = stop
	}
	f.fortune.Begin(ctx, fl)
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
func (f *fleetFlags) conclude(tail fortune.Tail, pass *aPass, tell *teller) (err error) {
	if f.recorded != nil {
		if err := f.recorded.Close(); err != nil {
			return harness(fmt.Errorf("--record: %w", err))
		}
	}
	e := ended{Event: "ended", Virtual: pass, Faults: tail.Faults, States: tail.States}
	if f.faults != nil && f.faults.Tail != nil {
		same := f.faults.Tail.States.Equal(tail.States)
		e.AsRecorded = &same
	}
	exact := true
	if f.played != nil {
		e.Replay, err = f.played.Outcome(tail)
		if err = errors.Join(err, f.tape.Close()); err != nil {
			return usage(fmt.Errorf("--replay %w", err))
		}
		e.AsRecorded, exact = e.Replay.AsRecorded, e.Replay.Exact()
	}
	if err := tell.ended(e); err != nil {
		return harness(err)
	}
	if !exact {
		return exitWith(suite.ExitFail)
	}
	return nil
}

// owners is the security of Devices by their owner, as a fleet file names it; nil without
// security. Those of the run belong to who it says.
func (s secured) owners(ofRun string) fortune.Owners {
	if s.sim == nil {
		return nil
	}
	return func(owner string) (*sim.Security, error) {
		own := *s.sim
		switch owner {
		case fleetfile.Run:
			var err error
			if ofRun != "" {
				own.Owner, err = ocf.ParseUUID(ofRun)
			}
			return &own, err
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
