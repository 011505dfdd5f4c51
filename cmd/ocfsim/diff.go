package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

func newDiff() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what changed between two results",
		Long: `Compare two results and say what became worse, what is new, what is gone and
what is fixed, for each requirement and each scenario, with the reasons. OLD and
NEW are folders that a test wrote (--out), folders of one of their targets, or
results.json files.

Verdicts are ordered from the best to the worst: pass, warn, then inconclusive,
waived and not-applicable together, fail, error. A worse verdict than before is
a regression, and so is a fail or an error of what was not judged before. Fixed
is what got better and now passes or warns.

Exit codes: 0 nothing became worse; 1 a regression; 2 usage, or results that
have nothing in common.`,
		Example: "  ocfsim diff results-1.4 results-1.5",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := suite.Read(args[0])
			if err != nil {
				return usage(err)
			}
			to, err := suite.Read(args[1])
			if err != nil {
				return usage(err)
			}
			d, err := suite.Diff(from, to)
			if err != nil {
				return usage(fmt.Errorf("%s, %s: %w", args[0], args[1], err))
			}
			w := cmd.OutOrStdout()
			write := func() error { return d.Text(direct(w), reports.Style{Color: colored(w)}) }
			if asJSON {
				write = func() error { return d.JSON(w) }
			}
			if err := write(); err != nil {
				return harness(err)
			}
			if d.Regressed() {
				return exitWith(suite.ExitFail)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}
