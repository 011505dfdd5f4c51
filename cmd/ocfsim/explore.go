package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/explore"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures"
)

// exploreFlags are the flags of `ocfsim explore`.
type exploreFlags struct {
	target    string
	embed     string
	deviation string
	edition   string
	plain     bool // --unsecured
	seed      uint64
	steps     int
	walks     int
	time      time.Duration
	only      []string
	keepGoing bool
	strict    bool
	out       string
}

// realWalks is the default of --walks with --target. On a real Device walks take
// real time, so there are fewer of them than in virtual time.
const realWalks = 50

func newExplore() *cobra.Command {
	var flags exploreFlags
	cmd := &cobra.Command{
		Use:   "explore",
		Short: "Look for bugs by random walks, and shorten each walk that shows one",
		Long: `Walk at random through what can be done to a Device (writes of every sort,
requests that overlap, the trusted source withholding its answers, restarts,
observers that come and go, Clients without the privilege) and have the
requirements judge what the Device shows. A walk that breaks a requirement is
shortened for as long as it still breaks it, and then written as a feature file
that 'ocfsim test --features' runs.

Without a target the walks are taken in virtual time, each with a new virtual
Device: --embed names a behaviour or a variant, --deviation a deviant. The same
seed takes the same walks. With --target they are taken one after another on the
Device that the file describes, and use what it supports and the conditions that
it can be brought into. In the end the Device is as it was found. --edition ocf-2.2
adds what that edition has: availability checks, schedules, resources.

Exit codes: 0 nothing found; 1 a requirement is broken; 2 usage or
configuration; 3 nothing could be judged; 4 the harness or its surroundings
failed; 130 interrupted (what was found until then is written).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.check(cmd.Flags().Changed("walks")); err != nil {
				return usage(err)
			}
			return runExplore(cmd.Context(), flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.target, "target", "", "target `FILE` or URI")
	f.StringVar(&flags.embed, "embed", "", "embed this `SPECIMEN`: a behaviour or a variant (default success)")
	f.StringVar(&flags.deviation, "deviation", "", "embed a Device with this deviation: its `NAME` or its file")
	f.StringVar(&flags.edition, "edition", "", "explore and judge by this `EDITION` (default: what the target file says, else ocf-1.0)")
	f.BoolVar(&flags.plain, "unsecured", false, "embed the Device without security")
	f.Uint64Var(&flags.seed, "seed", 1, "the seed of the walks; the same seed takes the same walks")
	f.IntVar(&flags.steps, "steps", explore.Steps, "take at most this many stimuli in a walk")
	f.IntVar(&flags.walks, "walks", 0, fmt.Sprintf("take at most this many walks (default %d, and %d with --target)", explore.Walks, realWalks))
	f.DurationVar(&flags.time, "time", 0, "begin no new walk after this time (default: no limit)")
	f.StringSliceVar(&flags.only, "requirement", nil, "look only for breaches of the requirement with this `ID`; may be given several times")
	f.BoolVar(&flags.keepGoing, "keep-going", false, "go on after the first walk that breaks a requirement, and look for more")
	f.BoolVar(&flags.strict, "strict", false, "let a breach of an ambiguous sentence fail, not only warn")
	f.StringVar(&flags.out, "out", "", "write what is found to `DIR` (default reports/out/<time>)")
	return cmd
}

// check refuses flags that exclude each other and values out of range, and fills in
// the defaults.
func (f *exploreFlags) check(walks bool) error {
	switch {
	case f.target != "" && (f.embed != "" || f.deviation != ""):
		return errors.New("--target excludes --embed and --deviation: give one of them")
	case f.embed != "" && f.deviation != "":
		return errors.New("--embed and --deviation exclude each other: a deviation has its own behaviour")
	case f.target != "" && f.plain:
		return errors.New("--unsecured is only for embedded Devices; for a target, its file says security: {unsecured: true}")
	case f.steps < 1 || f.steps > 200:
		return fmt.Errorf("--steps %d: expected 1 to 200", f.steps)
	case walks && f.walks < 1:
		return fmt.Errorf("--walks %d: expected at least 1", f.walks)
	case f.time < 0:
		return fmt.Errorf("--time %v: expected at least 0", f.time)
	}
	if !walks {
		f.walks = explore.Walks
		if f.target != "" {
			f.walks = realWalks
		}
	}
	if f.out == "" {
		f.out = filepath.Join("reports", "out", time.Now().Format("20060102-150405.000"))
	}
	return nil
}

// runExplore is `ocfsim explore` after its flags were read.
func runExplore(ctx context.Context, flags exploreFlags, stdout, stderr io.Writer) error {
	cfg := explore.Config{
		Seed: flags.seed, Steps: flags.steps, Walks: flags.walks, Time: flags.time, Only: flags.only, KeepGoing: flags.keepGoing,
		Tries: 500, Repeat: 1,
	}
	if flags.target != "" {
		cfg.Tries, cfg.Repeat = 60, 3
	}
	free, err := claimFolder(flags.out)
	if err != nil {
		return harness(err)
	}
	defer free()
	arena, restore, err := openArena(ctx, &flags, stderr)
	if err != nil {
		return err
	}
	cfg.Edition = flags.edition
	if err := explore.Forget(flags.out); err != nil {
		return errors.Join(harness(err), restore())
	}
	cfg.Arena = arena
	if terminal(stderr) {
		cfg.Progress = func(p explore.Progress) { fmt.Fprint(direct(stderr), "\r\x1b[K", p) }
		defer fmt.Fprint(direct(stderr), "\r\x1b[K")
	}
	res, err := explore.Run(ctx, cfg)
	left := restore()
	rec := explore.Record{
		Dir: flags.out, Version: version, Profile: arena.Profile(), Edition: flags.edition, Seed: flags.seed,
		Explore: flags.command(), Again: flags.again(),
	}
	if len(res.Found) > 0 {
		if err := explore.Save(rec, res.Found); err != nil {
			return errors.Join(harness(err), left)
		}
	}
	if err := explore.Tell(stdout, rec, res); err != nil {
		return harness(err)
	}
	switch {
	case left != nil:
		return harness(left)
	case ctx.Err() != nil:
		return exitWith(suite.ExitInterrupted)
	case err != nil:
		return harness(err)
	}
	return exitWith(exploreCode(res))
}

// exploreCode is the exit code for the result.
func exploreCode(res explore.Result) int {
	switch {
	case len(res.Trouble) > 0:
		return suite.ExitError
	case len(res.Found) > 0:
		return suite.ExitFail
	case len(res.Passed) == 0:
		return suite.ExitInconclusive
	}
	return suite.ExitPass
}

// openArena opens the target, or embeds a Device in virtual time, and notes in flags which
// edition counts. The caller has to call restore in the end.
func openArena(ctx context.Context, flags *exploreFlags, stderr io.Writer) (arena explore.Arena, restore func() error, err error) {
	if flags.target != "" {
		cfg, err := readTarget(flags.target)
		if err != nil {
			return nil, nil, usage(err)
		}
		cfg.Profile.Policy.Strict = cfg.Profile.Policy.Strict || flags.strict
		targets := []target.Config{cfg}
		if err := flags.judgedBy(targets); err != nil {
			return nil, nil, usage(err)
		}
		if err := keepDebts(targets, stderr); err != nil {
			return nil, nil, harness(err)
		}
		r, err := explore.NewReal(ctx, targets[0], edition.Of(flags.edition))
		if err != nil {
			return nil, nil, err
		}
		return r, func() error { return r.Close(ctx) }, nil
	}
	if err := flags.judgedBy(nil); err != nil {
		return nil, nil, usage(err)
	}
	s, err := specimen(flags.embed, flags.deviation)
	if err != nil {
		return nil, nil, usage(err)
	}
	if flags.edition != edition.OCF10 {
		s.Edition = flags.edition
	}
	if flags.plain && s.Secured() {
		return nil, nil, usage(fmt.Errorf("--unsecured: %s works only with security", s.Name))
	}
	v, err := explore.NewVirtual(s, flags.plain, flags.strict)
	if err != nil {
		return nil, nil, harness(err)
	}
	return v, func() error { return nil }, nil
}

// specimen is the one Device to embed.
func specimen(name, deviation string) (lab.Specimen, error) {
	if deviation != "" {
		d, err := fixtures.Deviation(deviation)
		if err != nil {
			return lab.Specimen{}, err
		}
		return lab.Deviant(d)
	}
	if name == "" {
		name = "success"
	}
	list, err := lab.Specimens([]string{name})
	if err != nil {
		return lab.Specimen{}, err
	}
	return list[0], nil
}

// judgedBy finds out which edition counts, and refuses requirements that it does not have.
func (f *exploreFlags) judgedBy(targets []target.Config) (err error) {
	if f.edition, err = suite.EditionOf(f.edition, targets); err != nil {
		return err
	}
	known := judge.IDsOf(edition.Of(f.edition))
	for _, id := range f.only {
		if !slices.Contains(known, id) {
			return fmt.Errorf("--requirement %s: %s has no such requirement; `ocfsim list requirements --edition %s` names them", id, f.edition, f.edition)
		}
	}
	return nil
}

// device are the flags that say which Device is explored, for a command line.
func (f *exploreFlags) device() []string {
	var args []string
	for _, flag := range [][2]string{{"--target", f.target}, {"--embed", f.embed}, {"--deviation", f.deviation}} {
		if flag[1] != "" {
			args = append(args, flag[0], quote(flag[1]))
		}
	}
	if len(args) == 0 {
		args = append(args, "--embed", "success")
	}
	if f.plain {
		args = append(args, "--unsecured")
	}
	if f.strict {
		args = append(args, "--strict")
	}
	if f.edition != edition.OCF10 {
		args = append(args, "--edition", f.edition)
	}
	return args
}

// command is the command line that takes the same walks again.
func (f *exploreFlags) command() string {
	args := append([]string{"ocfsim", "explore"}, f.device()...)
	args = append(args, fmt.Sprintf("--seed %d --steps %d --walks %d", f.seed, f.steps, f.walks))
	for _, id := range f.only {
		args = append(args, "--requirement", id)
	}
	if f.keepGoing {
		args = append(args, "--keep-going")
	}
	return strings.Join(args, " ")
}

// again is the command line that runs the walks that were found, as scenarios.
func (f *exploreFlags) again() string {
	args := append([]string{"ocfsim", "test", "--features", quote(f.out)}, f.device()...)
	return strings.Join(args, " ")
}
