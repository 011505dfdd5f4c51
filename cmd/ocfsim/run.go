package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/doorman"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/reports"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// runFlags are the flags of `ocfsim run`.
type runFlags struct {
	devices     int
	observers   int // 0: as many as the fleet has room for by itself
	behaviour   string
	variant     string
	deviations  []string
	listen      string
	portPer     bool
	moves       bool
	security    securityFlags
	control     string
	serveSource string
	tokenFile   string
	source      sourceFlags
	seed        uint64
	speed       float64
	state       string
	json        bool
	capture     string
	keyLog      string
	clients     clientFlags
	twin        twinFlags
	fleet       fleetFlags
	lasts       time.Duration // 0: until interrupted
	seen        seenFlags
}

func newRun() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run virtual Devices until interrupted",
		Long: `Run virtual OCF Devices, each at its own address, until interrupted.

The first Device takes the address of --listen, the next one the next address,
or with --port-per-device the next port. On loopback nothing outside this
machine can reach them. More than 16 Devices at addresses of their own share one
socket, which takes their port at every address of the machine, or of loopback.

The Devices are secured: each takes DTLS sessions at port 5684 of its address,
and has an owner. The owner's credential is written to the file --credentials; if
the file exists it is read instead, so that the owner stays the same. With
--unowned the Devices have no owner and wait for an onboarding tool. With
--unsecured they speak plain CoAP only.

With --judge-clients each Client that talks to the Devices is judged when the run
ends, and the exit code is as that of a test. 'ocfsim judge DIR' judges again.

With --twin the Device answers as the one that was recorded in a run did, and the
target file that tests it is written to --twin-target. What was not recorded the
reference answers, and it is said on stdout.

With --fleet the Devices are those of a fleet file: groups that differ in what they
play, when they come and what goes wrong. Only the port of --listen counts then.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(flags.become(cmd.Flags().Changed), flags.load(cmd.Flags().Changed)); err != nil {
				return usage(err)
			}
			if flags.fleet.dryRun {
				return flags.fleet.writePlan(cmd.OutOrStdout(), flags.json)
			}
			if err := errors.Join(flags.security.check(), flags.seen.check(), flags.clients.check(), flags.replacesNothing()); err != nil {
				return usage(err)
			}
			if flags.lasts < 0 {
				return usage(fmt.Errorf("--for %v: expected 0 or more", flags.lasts))
			}
			flags.json = flags.json || flags.seen.events == "-"
			tell := &teller{w: cmd.OutOrStdout(), json: flags.json}
			if flags.fleet.virtual {
				log, err := flags.seen.logger(cmd.ErrOrStderr())
				if err != nil {
					return usage(err)
				}
				return runVirtually(cmd.Context(), flags, log, tell)
			}
			stderr, err := flags.seen.stage(tell, cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return usage(err)
			}
			return runFleet(cmd.Context(), flags, stderr, tell)
		},
	}
	registerRun(cmd, &flags)
	return cmd
}

// registerRun gives cmd the flags of `ocfsim run`.
func registerRun(cmd *cobra.Command, flags *runFlags) {
	f := cmd.Flags()
	f.IntVar(&flags.devices, "devices", 1, "how `many` Devices")
	f.IntVar(&flags.observers, "observers", 0, "how many observations there may be at most, of one Device or of several: `N`; 0 is 131072 and one for each Device")
	f.StringVar(&flags.behaviour, "behaviour", "success", "a behaviour's name or YAML file, or a `MIX` of behaviours by weight: success=70,no-update=20,failure=10")
	f.StringVar(&flags.variant, "variant", "", "a compliant variant's name")
	f.StringSliceVar(&flags.deviations, "deviation", nil, "what the Devices do wrong: names or files of deviations")
	f.StringVar(&flags.listen, "listen", "127.1.0.1:5683", "`ADDR[:PORT]` of the first Device")
	f.BoolVar(&flags.portPer, "port-per-device", false, "put all Devices on one address, each at its own port")
	f.BoolVar(&flags.moves, "moves", false, "have a Device come back from each restart at another address")
	flags.security.register(cmd)
	f.StringVar(&flags.control, "control", "", "let a harness set conditions over HTTP at `ADDR`")
	f.StringVar(&flags.serveSource, "serve-source", "", "serve the trusted source over HTTP at `ADDR` for Devices in other processes")
	f.StringVar(&flags.tokenFile, "token-file", "", "what --control, --serve-source and --listen-http ask for unless they are on loopback: the token in `FILE`, made if there is none (default a new token each time)")
	flags.source.register(cmd)
	flags.seen.register(cmd)
	f.Uint64Var(&flags.seed, "seed", 1, "the seed of jitter, mixes and uuids")
	f.Float64Var(&flags.speed, "speed", 1, "divide the durations of the behaviours by this number")
	f.DurationVar(&flags.lasts, "for", 0, "end after this `TIME`; 0 until interrupted")
	f.StringVar(&flags.state, "state", "", "keep the Devices' state and their manufacturer's keys in `DIR`, for the next run")
	f.StringVar(&flags.capture, "capture", "", "write what passes on the wire to `FILE` as pcapng, with the sessions' secrets: whoever has the file can read them")
	f.StringVar(&flags.keyLog, "keylog", "", "append the sessions' secrets to `FILE` in NSS key log format, as SSLKEYLOGFILE has them")
	f.StringVar(&flags.clients.out, "judge-clients", "", "record what Clients do, and judge each of them when the run ends: reports go to `DIR`")
	f.BoolVar(&flags.clients.strict, "strict", false, "with --judge-clients, recommendations that a Client does not keep fail it")
	f.StringSliceVar(&flags.clients.formats, "format", nil, "with --judge-clients, what stdout shows in the end: "+alternatives(reports.Shown())+" (default pretty; with --json a line for each Client)")
	f.BoolVar(&flags.json, "json", false, "write which Devices run and where as one JSON object")
	f.StringVar(&flags.twin.run, "twin", "", "answer as the Device did that was recorded in `RUN`: the folder of a run against one target, or a timeline")
	f.StringSliceVar(&flags.twin.only, "twin-scenario", nil, "of RUN, only what was recorded of these scenarios: their `IDS`")
	f.StringVar(&flags.twin.target, "twin-target", twinTarget, "write the target file of the twin to `FILE`")
	for _, name := range []string{"devices", "variant", "deviation", "moves", "port-per-device", "state", "source"} {
		cmd.MarkFlagsMutuallyExclusive("twin", name)
	}
	flags.fleet.register(cmd)
	cmd.MarkFlagsMutuallyExclusive("serve-source", "source")
	cmd.MarkFlagsMutuallyExclusive("keylog", "unsecured")
}

// runFleet is `ocfsim run` after its flags were read.
func runFleet(ctx context.Context, flags runFlags, stderr io.Writer, tell *teller) error {
	log, err := flags.seen.logger(stderr)
	if err != nil {
		return usage(err)
	}
	cfg, err := fleetConfig(flags)
	if err != nil {
		return usage(err)
	}
	asker, closer, err := flags.source.asker(log, flags.state, flags.security.edition)
	if err != nil {
		return usage(err)
	}
	defer closer.Close() // nobody is told of what it has not answered
	cfg.Source, cfg.Log = asker, log
	if flags.fleet.sourced, err = flags.fleet.sources(log, flags.state); err != nil {
		return usage(err)
	}
	defer flags.fleet.sourced.Close()
	free, err := keepState(flags.state, &cfg)
	if err != nil {
		return harness(err)
	}
	defer free()
	s, err := flags.security.secure(flags.state)
	if err != nil {
		return err
	}
	if cfg.Model, err = modelsOf(flags, s.sim); err != nil {
		return usage(err)
	}
	if err := flags.stage(&cfg, s); err != nil {
		return err
	}
	if cfg.Secure = s.fleet; cfg.Secure != nil {
		cfg.Secure.ShowPIN = tell.pin
	}
	cfg.Replay = flags.replay(ctx, tell)
	judged, err := judgeClients(flags, &cfg)
	if err != nil {
		return err
	}
	defer judged.release()
	if err := serveFleet(ctx, flags, cfg, s, tell); err != nil {
		return err
	}
	return judged.conclude(ctx, tell, tell.stderr)
}

// serveFleet opens the fleet, says where it is, and serves it until ctx is done.
func serveFleet(ctx context.Context, flags runFlags, cfg fleet.Config, s secured, tell *teller) (failed error) {
	recorded, err := record(flags, &cfg)
	if err != nil {
		return harness(err)
	}
	seen, err := look(flags.seen, &cfg, tell)
	if err != nil {
		return harness(errors.Join(err, recorded.close()))
	}
	f, err := fleet.Open(cfg)
	if err != nil {
		return unopened(errors.Join(err, seen.close(), recorded.close()))
	}
	defer func() {
		if err := errors.Join(seen.close(), recorded.close()); err != nil && failed == nil {
			failed = harness(err)
		}
	}()
	ctx, stop := flags.limited(ctx) // what it took to open the fleet is not part of the run
	defer stop()
	aimAtFleet(ctx, &cfg, f)
	addProcessor()
	flags.fleet.begin(ctx, f, stop)
	doors, err := openDoors(ctx, flags, f, cfg.Source)
	if err == nil {
		doors.seen, err = seen.begin(ctx, &lookout.Roster{Fleet: f, Group: flags.fleet.groups()}, flags.tokenFile)
	}
	if err != nil {
		stop()
		return harness(errors.Join(err, f.Serve(ctx)))
	}
	r := announcement(flags, s, f, doors)
	if r.Twin, err = flags.introduce(r); err == nil {
		err = tell.ready(r, f)
	}
	if err != nil {
		stop()
		return harness(errors.Join(err, f.Serve(ctx)))
	}
	if err := seen.serve(ctx, f, tell); err != nil {
		return harness(err)
	}
	stop()
	seen.conclude(tell)
	return flags.fleet.end(tell)
}

// unopened is why a fleet could not be opened: wrong usage where the flags ask for what
// there cannot be.
func unopened(err error) error {
	var wrong *fleet.ConfigError
	if errors.As(err, &wrong) {
		return usage(err)
	}
	return harness(err)
}

// limited is ctx until the run is to end: --for counts from here on.
func (f *runFlags) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.lasts == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, f.lasts)
}

// doors are the addresses at which programs reach a run over HTTP, nil where not opened.
type doors struct{ control, source, seen *doorman.Listener }

func openDoors(ctx context.Context, flags runFlags, f *fleet.Fleet, asker fleet.Asker) (d doors, err error) {
	if flags.control == "" && flags.serveSource == "" {
		return d, nil
	}
	token, err := doorman.Token(flags.tokenFile)
	if err != nil {
		return d, err
	}
	if flags.control != "" {
		if d.control, err = doorman.Listen(ctx, flags.control, f.Control(), token); err != nil {
			return d, fmt.Errorf("--control: %w", err)
		}
	}
	if flags.serveSource != "" {
		if d.source, err = doorman.Listen(ctx, flags.serveSource, asker.(interface{ Handler() http.Handler }).Handler(), token); err != nil {
			return d, fmt.Errorf("--serve-source: %w", err)
		}
	}
	return d, nil
}

func fleetConfig(flags runFlags) (fleet.Config, error) {
	if flags.devices < 1 {
		return fleet.Config{}, fmt.Errorf("--devices %d: expected at least 1", flags.devices)
	}
	if flags.observers < 0 || flags.observers > fleet.MaxObservers {
		return fleet.Config{}, fmt.Errorf("--observers %d: expected a number from 0 to %d", flags.observers, fleet.MaxObservers)
	}
	if flags.speed <= 0 {
		return fleet.Config{}, fmt.Errorf("--speed %v: expected a number above 0", flags.speed)
	}
	for flag, addr := range map[string]string{"--control": flags.control, "--serve-source": flags.serveSource} {
		if err := checkListen(flag, addr); err != nil {
			return fleet.Config{}, err
		}
	}
	listen, err := parseListen(flags.listen)
	if err != nil {
		return fleet.Config{}, err
	}
	if _, err := modelsOf(flags, nil); err != nil { // find mistakes before a file is written
		return fleet.Config{}, err
	}
	return fleet.Config{
		Devices: flags.devices, Listen: listen, PortPerDevice: flags.portPer, Moves: flags.moves,
		Seed: flags.seed, Observers: flags.observers,
	}, nil
}

// modelsOf returns the model of each Device, by its index. Devices with the same
// behaviour share one.
func modelsOf(flags runFlags, security *sim.Security) (func(int) *sim.Model, error) {
	mix, err := sim.ParseMix(flags.behaviour)
	if err != nil {
		return nil, fmt.Errorf("--behaviour: %w", err)
	}
	shared := sim.Config{Speed: flags.speed, Edition: flags.security.edition, Security: security, Epoch: time.Now().UTC()}
	if flags.variant != "" {
		if shared.Variant, err = fixtures.Variant(flags.variant); err != nil {
			return nil, err
		}
	}
	for _, name := range flags.deviations {
		d, err := fixtures.Deviation(name)
		if err != nil {
			return nil, err
		}
		shared.Deviations = append(shared.Deviations, d)
	}
	var models []*sim.Model
	for _, share := range mix {
		cfg := shared
		if cfg.Behaviour, err = fixtures.Behaviour(share.Name); err != nil {
			return nil, err
		}
		m, err := sim.NewModel(cfg)
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	return func(i int) *sim.Model { return models[mix.Choose(flags.seed, uint64(i))] }, nil
}
