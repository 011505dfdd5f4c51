package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
)

func newJudge() *cobra.Command {
	var formats []string
	cmd := &cobra.Command{
		Use:   "judge RUN",
		Short: "Judge a recorded run again, with no Device",
		Long: `Judge the recorded timelines of a run again and say where the verdict differs
from the one that stands in its results.json. RUN is the folder that a test
wrote (--out), or the folder of one of its targets.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormats(formats); err != nil {
				return usage(err)
			}
			results, err := suite.RejudgeAll(args[0])
			if err != nil {
				return usage(err)
			}
			for _, r := range results {
				for _, change := range r.Changes {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", r.Report.Target.Name, change)
				}
			}
			if err := show(formats, cmd.OutOrStdout(), args[0], results); err != nil {
				return harness(err)
			}
			return exitWith(suite.ExitCode(results))
		},
	}
	cmd.Flags().StringSliceVar(&formats, "format", []string{"pretty"}, "what stdout shows: pretty, json or junit")
	return cmd
}
