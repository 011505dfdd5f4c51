package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

func newJudge() *cobra.Command {
	var names []string
	var waivers, schemas string
	cmd := &cobra.Command{
		Use:   "judge RUN",
		Short: "Judge a recorded run again, with no Device",
		Long: `Judge the recorded timelines of a run again. Where the verdict of a requirement
or a scenario differs from the one in results.json, say so and why. RUN is the
folder that a test wrote (--out), or the folder of one of its targets; the run
may be of an older version.

The waivers that the run was judged with apply again, as of the day on which the
run began. With --waivers those in a file apply instead.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			formats, err := formatsNamed(names)
			if err != nil {
				return usage(err)
			}
			how := suite.Judging{Version: version, Commit: commit(cmd.Context())}
			if waivers != "" {
				list, err := loadWaivers(waivers)
				if err != nil {
					return usage(err)
				}
				how.Waivers, how.Review = list, true
			}
			published, err := readSchemas(schemas, cmd.ErrOrStderr())
			if err != nil {
				return usage(err)
			}
			how.Remark = remarking(published)
			results, err := suite.Rejudge(args[0], how)
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
	showIn(cmd, &names)
	schemasIn(cmd, &schemas)
	cmd.Flags().StringVar(&waivers, "waivers", "", "judge with the waivers of `FILE`, or of a built-in list")
	return cmd
}
