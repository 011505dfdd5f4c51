package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// testFlags are the flags of `ocfsim test`.
type testFlags struct {
	targets  []string
	features string
	tags     string
	scenario []string
	edition  string
	out      string
	formats  []string
	strict   bool
	going    bool // --keep-going
	embed    []string
	deviants []string // --deviation
	devices  int      // how many to embed; 0: one of each
	mix      string   // --behaviour
	plain    bool     // --unsecured
	all      bool     // embed every compliant Device
	seed     uint64
	repeat   int
	parallel int // targets at a time; 0: as the suite likes
	lanes    int // Devices that share the scenarios of one embedded Device; 0: as many as are of use
	waivers  string
	schemas  string
	capture  bool
}

func newTest() *cobra.Command {
	var flags testFlags
	cmd := &cobra.Command{
		Use:   "test [URI]",
		Short: "Run the conformance suite against embedded or real Devices",
		Long: `Run the conformance suite and judge every requirement of the edition.

Without a target, the suite runs against virtual Devices in this process: those
with the behaviours success, no-update, failure and autonomous; with --all one
for each behaviour and each compliant variant. They are new and without an
owner; the harness owns them, by Just Works, Random PIN and manufacturer
certificate in turn, provisions its Clients, and gives them back in the end.
With --unsecured they speak plain CoAP, and requirements that need Clients with
different privileges are not applicable. The scenarios of each are shared by
several Devices made just like it (--side-by-side).

With --devices N it embeds N Devices, each with a number after its name, and each
runs all scenarios itself: a load for the machine that the suite is to run on, and
for what reads its results. Their memory is bounded, whatever N is.

With --target the suite runs against the Devices that the files describe; a URI
(coap://127.0.0.1:5683) is an unsecured target without conditions.

A run over some scenarios only (--tags, --scenario, --features) passes nothing
but these: its results say SELECTION, and of how many, beside every verdict.

Before the first scenario it looks, within 10 s, whether the Device can be tested
as its target declares it: whether anybody answers, an OCF Device does, the harness
can become privileged there, and the Device is in RFNOP. If not, it says what to
write into the target file or which command to run, and ends with 4. See also
` + "`ocfsim check`" + ` and ` + "`ocfsim init`" + `.

A Device that dies of a request fails, and the request is named first. If the
Device stays away, the run ends after the next scenario, and what was recorded
is judged; with --keep-going every scenario is tried.

Until the end --out DIR says "error", "incomplete", and what is recorded is in
DIR/unfinished.run. The results of an earlier run there are removed as the new one
begins; if it can't begin, they are renamed (results.json.old).

Exit codes: 0 passed; 1 a requirement failed; 2 usage or configuration;
3 nothing failed, but something is inconclusive; 4 the harness or its
surroundings failed; 130 interrupted.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				flags.targets = append(flags.targets, args[0])
			}
			found, err := withdraw(flags.out)
			if err != nil {
				return harness(err)
			}
			err = runTest(cmd.Context(), flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
			if exit := (*exitError)(nil); found && errors.As(err, &exit) && exit.code == suite.ExitUsage {
				sayWithdrawn(cmd.ErrOrStderr(), flags.out)
			}
			return err
		},
	}
	flags.register(cmd)
	return cmd
}

// register lets cmd read the flags.
func (flags *testFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&flags.targets, "target", nil, "target `FILE` or URI; may be given several times")
	f.StringVar(&flags.features, "features", "", "read the features from `DIR` instead of the built-in ones")
	f.StringVar(&flags.tags, "tags", "", "run only the scenarios that match this tag `EXPR`, such as: @SVV-6 and not (@S9 or @S10)")
	f.StringArrayVar(&flags.scenario, "scenario", nil, "run only the scenario with this `ID`; may be given several times")
	f.StringVar(&flags.edition, "edition", "", "judge by this `EDITION` (default: the one that the target file says, else ocf-1.0)")
	f.BoolVar(&flags.strict, "strict", false, "let a breach of an ambiguous sentence fail, not only warn")
	f.BoolVar(&flags.going, "keep-going", false, "run all scenarios, also where the Device stays away")
	f.StringVar(&flags.out, "out", "", "write the results to `DIR` (default reports/out/<time>)")
	showIn(cmd, &flags.formats)
	f.BoolVar(&flags.all, "all", false, "embed every compliant Device, not only the four that most is told by")
	f.IntVar(&flags.lanes, "side-by-side", 0, "run the scenarios of each embedded Device on `N` Devices like it (default: as many as are of use)")
	f.IntVar(&flags.parallel, "parallel", 0, "test `N` targets at a time (default 8 for each processor)")
	f.StringSliceVar(&flags.embed, "embed", nil, "embed only these `SPECIMENS`: names of behaviours or variants")
	f.IntVar(&flags.devices, "devices", 0, "embed `N` Devices: of --behaviour, or of those that are embedded without it in turn")
	f.StringVar(&flags.mix, "behaviour", "", "embed --devices of this behaviour, or of a `MIX` of behaviours by weight: success=70,no-update=20,failure=10")
	f.StringSliceVar(&flags.deviants, "deviation", nil, "embed Devices with these `DEVIATIONS` instead: names or files")
	f.BoolVar(&flags.plain, "unsecured", false, "embed Devices without security")
	f.IntVar(&flags.repeat, "repeat", 1, "run each scenario `N` times and report every attempt; the worst counts")
	f.StringVar(&flags.waivers, "waivers", "", "accept the reviewed breaches that `FILE` lists, or a built-in list (ocfsim list waivers)")
	schemasIn(cmd, &flags.schemas)
	f.BoolVar(&flags.capture, "capture", false, "write what passes on the wire to capture.pcapng, with the sessions' secrets: whoever has the file can read them")
	f.Uint64Var(&flags.seed, "seed", 1, "the seed of the embedded Devices' jitter")
}

// runTest is `ocfsim test` after its flags were read.
func runTest(ctx context.Context, flags testFlags, stdout, stderr io.Writer) error {
	aimAtMemory(memoryAimed)
	asked := flags.edition
	var err error
	if flags.edition, err = flags.judgedBy(); err != nil {
		return usage(err)
	}
	selection, err := selectScenarios(flags)
	if err != nil {
		return usage(err)
	}
	formats, err := formatsNamed(flags.formats)
	if err != nil {
		return usage(err)
	}
	if flags.repeat < 1 {
		return usage(fmt.Errorf("--repeat %d: expected at least 1", flags.repeat))
	}
	var waivers []assess.Waiver
	if flags.waivers != "" {
		if waivers, err = loadWaivers(flags.waivers); err != nil {
			return usage(err)
		}
	}
	schemas, err := readSchemas(flags.schemas, stderr)
	if err != nil {
		return usage(err)
	}
	if flags.parallel < 0 || flags.lanes < 0 {
		return usage(errors.New("--parallel and --side-by-side: expected at least 1"))
	}
	tested, err := openTargets(flags, len(selection.Scenarios), stderr)
	if err != nil {
		return err
	}
	defer tested.close()
	aimAtTargets(len(tested.targets))
	out := flags.out
	if out == "" {
		runs := filepath.FromSlash(runsDir)
		if err := pruneRuns(runs, runsKept-1); err != nil {
			fmt.Fprintf(stderr, "old runs stay: %v\n", err)
		}
		out = filepath.Join(runs, time.Now().Format(runName))
	}
	free, err := claimFolder(out)
	if err != nil {
		return harness(err)
	}
	defer free()
	live := terminal(stderr)
	progress := reports.NewProgress(direct(stderr), reports.ProgressStyle{Live: live, Color: colored(stderr), Targets: len(tested.targets)})
	results, err := suite.Run(ctx, suite.Config{
		Edition: flags.edition, Targets: tested.targets, Copies: tested.copies, Parallel: flags.parallel, Selection: selection, Waivers: waivers, Repeat: flags.repeat, Strict: flags.strict, KeepGoing: flags.going, Plain: tested.plain(),
		Dir: out, Capture: flags.capture, Remark: remarking(schemas), Version: version, Commit: commit(ctx), Progress: follow(formats, stdout, progress.Show),
		Rerun:  func(t, scenario string) string { return rerunCommand(flags, asked, t, scenario) },
		Redraw: func(dir string) string { return "ocfsim judge " + quote(dir) + " --page whole.html" },
	})
	if err := errors.Join(err, progress.Close()); err != nil {
		return harness(err)
	}
	if err := show(formats, stdout, out, results); err != nil {
		return harness(err)
	}
	if err := adviseAll(stderr, results); err != nil {
		return harness(err)
	}
	return exitWith(suite.ExitCode(results))
}

// selectScenarios reads the features and takes the scenarios that the flags select.
func selectScenarios(flags testFlags) (suite.Selection, error) {
	s := suite.Selection{Edition: flags.edition, Tags: flags.tags, IDs: flags.scenario}
	if flags.features != "" {
		if info, err := os.Stat(flags.features); err != nil {
			return s, err
		} else if !info.IsDir() {
			return s, fmt.Errorf("--features %s: expected a folder", flags.features)
		}
		s.Features = []fs.FS{os.DirFS(flags.features)}
	}
	return s.Load()
}

// judgedBy is the edition to judge by: the one that is asked for, or the one of the
// target files.
func (flags testFlags) judgedBy() (string, error) {
	if flags.edition != "" {
		return suite.EditionOf(flags.edition, nil)
	}
	var targets []target.Config
	for _, name := range flags.targets {
		cfg, err := readTarget(name)
		if err != nil {
			return "", err
		}
		targets = append(targets, cfg)
	}
	return suite.EditionOf("", targets)
}

func readTarget(name string) (target.Config, error) {
	if strings.Contains(name, "://") {
		return target.FromURI(name)
	}
	return target.Load(name)
}
