package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// deviantsFlags are the flags of `ocfsim deviants`.
type deviantsFlags struct {
	features string
	tags     string
	setting  string
	edition  string
	out      string
	asJSON   bool
}

func newDeviants() *cobra.Command {
	var flags deviantsFlags
	cmd := &cobra.Command{
		Use:   "deviants [NAME...]",
		Short: "Examine the suite: it must catch every deviant Device and fail no compliant one",
		Long: `Run the suite, in virtual time, against every deviant Device and every
compliant variant and behaviour, and print which requirement catches what. Each
deviant has to turn red (fail or warn) exactly the requirements that it is
declared to break; a compliant Device must turn none red.

Without a NAME all Devices are tried. A NAME is that of a deviation, a variant
or a behaviour, or the YAML file of a deviation of your own. A deviation is also
found by its number. With --features your own scenarios are examined: a deviant
that survives is a bug that they would let pass.

--setting tries the Devices elsewhere than usual: slow, fast or rash (so fast
that a Device gives up its trusted source before anyone sees it withhold an
answer), each also -unreported (the source does not say what it was asked),
unreported at the usual speed, secured, or lossy. What a deviant breaks may stay
inconclusive there.

--edition tries Devices of another edition, with what that one adds.

--out writes matrix.md and deviants.json.

Exit codes: 0 all as declared; 1 a deviant survived, or a requirement turned red
that was not declared; 2 usage; 4 the harness failed; 130 interrupted.`,
		Example: "  ocfsim deviants\n  ocfsim deviants cm-v-not-cleared told-by-con\n  ocfsim deviants --features ./my-features",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDeviants(cmd.Context(), flags, args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.features, "features", "", "read the features from `DIR` instead of the built-in ones")
	f.StringVar(&flags.tags, "tags", "", "run only the scenarios that match this tag `EXPR`")
	f.StringVar(&flags.setting, "setting", "usual", "try the Devices in this `SETTING`: slow, fast, unreported, secured, lossy or another one")
	f.StringVar(&flags.edition, "edition", "", "try Devices of this `EDITION`, and judge them by it (default: ocf-1.0)")
	f.StringVar(&flags.out, "out", "", "write matrix.md and deviants.json to `DIR`")
	f.BoolVar(&flags.asJSON, "json", false, "write deviants.json to stdout")
	return cmd
}

// busy is the garbage collector's target, in percent, while an exam runs. An exam
// allocates much that it soon drops, on a machine that has nothing else to do:
// collecting less often makes it faster.
const busy = 400

func runDeviants(ctx context.Context, flags deviantsFlags, names []string, stdout, stderr io.Writer) error {
	judged, err := suite.EditionOf(flags.edition, nil)
	if err != nil {
		return usage(err)
	}
	candidates, err := exam.CandidatesOf(judged, names...)
	if err != nil {
		return usage(err)
	}
	selection, err := selectScenarios(testFlags{features: flags.features, tags: flags.tags, edition: judged})
	if err != nil {
		return usage(err)
	}
	setting, err := exam.SettingOf(flags.setting)
	if err != nil {
		return usage(err)
	}
	cfg := exam.Config{Candidates: candidates, Selection: selection, Setting: setting, Edition: judged}
	if terminal(stderr) {
		cfg.Progress = func(done, of int, last *exam.Result) {
			fmt.Fprintf(direct(stderr), "\r%d of %d: %-50s", done, of, last.Name)
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(busy))
	outcomes, err := exam.Run(ctx, cfg)
	if cfg.Progress != nil {
		fmt.Fprint(direct(stderr), "\r"+strings.Repeat(" ", 70)+"\r")
	}
	if err != nil {
		return harness(err)
	}
	m := exam.Matrix{Outcomes: outcomes, Scenarios: len(selection.Scenarios), Of: selection.Of}
	if err := writeMatrix(flags.out, m); err != nil {
		return harness(err)
	}
	show := m.Summary
	if flags.asJSON {
		show = m.JSON
	}
	if err := show(stdout); err != nil {
		return harness(err)
	}
	if ctx.Err() != nil {
		return exitWith(suite.ExitInterrupted)
	}
	return exitWith(examCode(outcomes))
}

// writeMatrix writes matrix.md and deviants.json to dir, or nothing if dir is "".
func writeMatrix(dir string, m exam.Matrix) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return errors.Join(
		durable.WriteFile(filepath.Join(dir, "matrix.md"), durable.Readable, m.Markdown),
		durable.WriteFile(filepath.Join(dir, "deviants.json"), durable.Readable, m.JSON),
	)
}

// examCode is the exit code for the outcomes.
func examCode(outcomes []exam.Result) int {
	code := suite.ExitPass
	for _, o := range outcomes {
		if o.Err != nil {
			return suite.ExitError
		}
		if !o.Right() {
			code = suite.ExitFail
		}
	}
	return code
}
